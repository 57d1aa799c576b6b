/** Finds where a JSON value ends, in text that arrives in pieces. It does not check that the text is JSON. */
export class JsonEnd {
  #depth = 0;
  #state: "start" | "scalar" | "inside" | "string" | "escape" = "start";

  /** The index behind the value's last character; -1 when the value goes on. A number ends before what follows it. */
  find(text: string): number {
    for (let index = 0; index < text.length; index++) {
      const character = text.charAt(index);
      switch (this.#state) {
        case "escape":
          this.#state = "string";
          break;
        case "string":
          if (character === "\\") this.#state = "escape";
          else if (character === '"') {
            if (this.#depth === 0) return index + 1;
            this.#state = "inside";
          }
          break;
        case "scalar":
          if (",]} \n\r\t<".includes(character)) return index;
          break;
        case "start":
        case "inside": {
          const end = this.#read(character);
          if (end) return index + 1;
          break;
        }
        default:
          this.#state satisfies never;
      }
    }
    return -1;
  }

  #read(character: string): boolean {
    if (character === '"') this.#state = "string";
    else if (character === "{" || character === "[") {
      this.#depth++;
      this.#state = "inside";
    } else if (character === "}" || character === "]") {
      this.#depth--;
      return this.#depth <= 0;
    } else if (this.#state === "start" && !" \n\r\t".includes(character)) {
      this.#state = "scalar";
    }
    return false;
  }
}
