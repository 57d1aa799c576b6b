import { expect, it } from "vitest";
import { csvLine } from "./csv.ts";

it("quotes what has to be quoted, and leaves out what is not there", () => {
  expect(csvLine(["a", 'say "x"', "b,c", "two\nlines", null, 7, false])).toBe(
    'a,"say ""x""","b,c","two\nlines",,7,false\r\n',
  );
});

it("lets no spreadsheet run what a client wrote, and leaves amounts alone", () => {
  expect(csvLine(['=HYPERLINK("http://x")', "+1+1", "-cmd", "@a", "-0.25", "0.1"])).toBe(
    '"\'=HYPERLINK(""http://x"")",\'+1+1,\'-cmd,\'@a,-0.25,0.1\r\n',
  );
});
