import { utils } from "ssh2";
import { parseHostKey } from "../../config/host-key";
import { makeKeyPair, publicHalf } from "../../operations/key-pair";

afterEach(() => jest.restoreAllMocks());

test("a pair's halves belong together, in the form that config and OpenSSH take", () => {
  const { privateKey, publicKey } = makeKeyPair();
  expect(publicHalf(privateKey)).toBe(publicKey);
  expect(parseHostKey(publicKey).text).toBe(publicKey);
  expect(privateKey).toMatch(/^-----BEGIN OPENSSH PRIVATE KEY-----\n[^]*-----END OPENSSH PRIVATE KEY-----\n$/);
});

test("the one pair in 256 that ssh2 spoils is not handed out", () => {
  const good = utils.generateKeyPairSync("ed25519");
  const made = jest
    .spyOn(utils, "generateKeyPairSync")
    .mockReturnValueOnce({ private: good.private.slice(0, 200), public: "" });
  expect(publicHalf(makeKeyPair().privateKey)).toMatch(/^ssh-ed25519 /);
  expect(made.mock.calls.length).toBeGreaterThan(1);
});

test("what is no private key is refused without being repeated", () => {
  expect(() => publicHalf("some text")).toThrow(/can't be read; set an unencrypted/);
  expect(() => publicHalf("some text")).not.toThrow(/some text/);
});
