import type { Contract } from "@ml-intern/lab";
import { ToolFailure } from "../failures/tool-failure.ts";
import type { Workbench } from "../workbench/workbench.ts";

/** The fixed contract; nothing is run, scored or published before there is one. */
export async function requireContract(workbench: Workbench): Promise<Contract> {
  const contract = await workbench.contract();
  if (contract !== null) return contract;
  throw new ToolFailure(
    "contract/not_fixed",
    "There is no contract yet, so there are no training data either.",
    "Call inspect_data, then propose_contract.",
  );
}
