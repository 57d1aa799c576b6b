/** What stands before a question of a sub-agent such as `main/research`; nothing before one of the session's own agent. */
export function whoAsks(agent: string): string {
  const name = agent.split("/").slice(1).join("/");
  return name === "" ? "" : `A ${name} agent asks: `;
}
