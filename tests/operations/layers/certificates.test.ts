import { certificateFindings, certificateStates } from "../../../operations/layers/certificates";
import { at, certificate, cluster, DAY, MINUTE } from "../kubernetes";

const found = (one: ReturnType<typeof certificate>) => certificateFindings(cluster({ certificates: [one] }));

test.each([89, 31, 29, 23])("nothing is wrong with one of 90 days that has %i left", (days) => {
  expect(found(certificate(days))).toEqual([]);
});

test.each<[string, ReturnType<typeof certificate>, string, string]>([
  ["ended", certificate(-3, false), "error", "has ended 3 days ago"],
  ["should have been renewed", certificate(20), "warning", "ends in 20 days and was not renewed: Certificate is up to"],
  [
    "has other names by now",
    certificate(60, false, "Fields differ"),
    "warning",
    "is not as it is asked for: Fields differ",
  ],
])("one that %s is named", (_what, one, severity, what) => {
  expect(found(one)).toEqual([
    expect.objectContaining({ severity, where: "cluster", what: expect.stringContaining(what) }),
  ]);
  expect(found(one)[0]?.what).toContain("certificate traefik/default ");
  expect(found(one)[0]?.remedy).toContain("kubectl --namespace traefik describe certificaterequests,orders,challenges");
});

test("one that was never issued is an error with the reason of the last attempt, but not in its first minutes", () => {
  const pending = (seconds: number) => ({
    ...certificate(0),
    metadata: { namespace: "apps", name: "own", creationTimestamp: at(seconds) },
    status: {
      conditions: [
        { type: "Ready", status: "False", message: "Issuing certificate as Secret does not exist" },
        { type: "Issuing", status: "False", reason: "Failed", message: "The certificate request has failed:\n order" },
      ],
    },
  });
  expect(found(pending(-4 * MINUTE))).toEqual([]);
  expect(found(pending(-6 * MINUTE))).toEqual([
    expect.objectContaining({
      severity: "error",
      what: "certificate apps/own is not issued: The certificate request has failed: order",
    }),
  ]);
});

test("one of some minutes is given minutes to be renewed, and cert-manager's own time of renewal counts", () => {
  const short = (left: number, renewal: number) => ({
    ...certificate(0),
    status: {
      ...certificate(0).status,
      notBefore: at(left - 6 * MINUTE),
      notAfter: at(left),
      renewalTime: at(renewal),
    },
  });
  expect(found(short(30, -90))).toEqual([]);
  expect(found(short(30, -6 * MINUTE))).toHaveLength(1);
  const early = { ...certificate(50), status: { ...certificate(50).status, renewalTime: at(-10 * DAY) } };
  expect(found(early)).toHaveLength(1);
});

test("their states begin with those that need a look", () => {
  const certificates = [certificate(80), { ...certificate(0), status: {} }, certificate(-1, false), certificate(10)];
  expect(certificateStates(cluster({ certificates }))).toEqual([
    { name: "traefik/default", ready: false, secondsLeft: undefined },
    { name: "traefik/default", ready: false, secondsLeft: -DAY },
    { name: "traefik/default", ready: true, secondsLeft: 10 * DAY },
    { name: "traefik/default", ready: true, secondsLeft: 80 * DAY },
  ]);
});
