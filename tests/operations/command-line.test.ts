import { join } from "node:path";
import { main } from "../../operations/cli";
import { chooseStack, projectDirectory, table } from "../../operations/command-line";

describe("chooseStack", () => {
  const environment = { PULUMI_OPTION_STACK: "one", HOMELAB_STACK: "two" };

  test("prefers the option, then Pulumi's variable, then ours, then home", () => {
    expect(chooseStack("three", environment).name).toBe("three");
    expect(chooseStack(undefined, environment).name).toBe("one");
    expect(chooseStack(undefined, { HOMELAB_STACK: "two" }).name).toBe("two");
    expect(chooseStack(undefined, {})).toEqual({
      name: "home",
      file: expect.stringContaining("Pulumi.home.yaml") as string,
    });
  });

  test("follows Pulumi's choice of the stack file", () => {
    const variable = { PULUMI_OPTION_CONFIG_FILE: "/state/Pulumi.sandbox.yaml" };
    expect(chooseStack(undefined, variable)).toEqual({ name: "sandbox", file: "/state/Pulumi.sandbox.yaml" });
    expect(chooseStack("other", variable)).toEqual({ name: "other", file: "/state/Pulumi.sandbox.yaml" });
  });

  test("knows that a qualified stack has a plain file", () => {
    expect(chooseStack("me/homelab/attic", {}).file).toBe(join(projectDirectory, "Pulumi.attic.yaml"));
  });
});

test("table lays out columns without spaces at the end", () => {
  expect(
    table([
      ["A", "B"],
      ["long", ""],
      ["x", "y"],
    ]),
  ).toBe("A     B\nlong\nx     y");
});

describe("main", () => {
  const said: string[] = [];
  beforeEach(() => {
    said.length = 0;
    jest.spyOn(console, "error").mockImplementation((text: string) => void said.push(text));
    jest.spyOn(process.stdout, "write").mockImplementation((text) => said.push(String(text)) > 0);
  });
  afterEach(() => jest.restoreAllMocks());

  test.each([
    [[], 2, "no command given"],
    [["scann"], 2, 'unknown command "scann"'],
    [["toString"], 2, "unknown command"],
    [["status", "pi1"], 2, 'status takes no "pi1"'],
    [["rotate-ssh-key", "pi1"], 2, 'rotate-ssh-key takes no "pi1"'],
    [["status", "--jason"], 2, "--jason"],
    [["--help"], 0, "usage: npm run homelab"],
    [["status", "--stack", "no-such-stack"], 1, "Pulumi.no-such-stack.yaml: cannot be read"],
  ])("%p ends with %i", async (args, code, text) => {
    delete process.env["PULUMI_OPTION_CONFIG_FILE"];
    expect(await main(args)).toBe(code);
    expect(said.join("\n")).toContain(text);
  });
});
