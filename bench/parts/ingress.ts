import { ensurePackages } from "../../sandbox/machine/packages";
import { Progress } from "../../sandbox/progress";
import { until, type Lab } from "../../tests/sandbox/lab";
import type { Part } from "../part";
import { ratio } from "../statistics";
import { load, type Load } from "../wrk";

const ROUNDS = 5;
const NAME_SERVER = "192.0.2.201";
const SITE = "https://whoami.home.test/";
/** Of the first server. */
const NODE = "192.0.2.11";
const LABEL = "bench=ingress";

/** The same pods twice: by load balancer address, Traefik and TLS, and by a NodePort. By turns, over kept connections. */
export const ingress: Part = {
  name: "ingress",
  what: "requests per second and p99 of whoami through Traefik and TLS, against its NodePort",
  async measure({ say, home }) {
    await ensurePackages(new Progress(), ["wrk"]);
    await home().layers();
    const { lab } = home();
    const direct = await openNodePort(lab);
    const through: Load[] = [];
    const past: Load[] = [];
    try {
      // Connections, caches and the pods' own start are warm on both ways.
      await load(SITE, NAME_SERVER);
      await load(direct, NAME_SERVER);
      for (let round = 1; round <= ROUNDS; round++) {
        const [one, other] = [await load(SITE, NAME_SERVER), await load(direct, NAME_SERVER)];
        say(`ingress, ${round} of ${ROUNDS}: ${describe(one)}; NodePort ${describe(other)}`);
        through.push(one);
        past.push(other);
      }
    } finally {
      await lab.kubectl("delete", "services,networkpolicies", "--namespace=apps", `--selector=${LABEL}`);
    }
    const samples = {
      ingressRequestsPerSecond: through.map(({ requestsPerSecond }) => requestsPerSecond),
      ingressP99Milliseconds: through.map(({ p99Milliseconds }) => p99Milliseconds),
      nodePortRequestsPerSecond: past.map(({ requestsPerSecond }) => requestsPerSecond),
      nodePortP99Milliseconds: past.map(({ p99Milliseconds }) => p99Milliseconds),
    };
    return {
      samples,
      ratios: {
        ingressRequestsPerSecond: ratio(samples.ingressRequestsPerSecond, samples.nodePortRequestsPerSecond),
        ingressP99: ratio(samples.ingressP99Milliseconds, samples.nodePortP99Milliseconds),
      },
    };
  },
};

/** A second way to whoami, for a while; its own network policy lets the ingress in and nobody else. Returns the URL. */
async function openNodePort(lab: Lab): Promise<string> {
  const selector = { "app.kubernetes.io/name": "whoami" };
  const metadata = { namespace: "apps", name: "bench-whoami", labels: { bench: "ingress" } };
  const service = await lab.kubectl("get", "service", "whoami", "--namespace=apps", "-o", "json");
  const { spec } = JSON.parse(service) as { spec: { ports: { port: number; targetPort: number }[] } };
  const ports = spec.ports.map(({ port, targetPort }) => ({ port, targetPort }));
  const items = [
    { apiVersion: "v1", kind: "Service", metadata, spec: { type: "NodePort", selector, ports } },
    {
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata,
      spec: { podSelector: { matchLabels: selector }, policyTypes: ["Ingress"], ingress: [{}] },
    },
  ];
  await lab.feed(JSON.stringify({ apiVersion: "v1", kind: "List", items }), "kubectl", "apply", "--filename", "-");
  const path = "-o=jsonpath={.spec.ports[0].nodePort}";
  const port = await lab.kubectl("get", "service", metadata.name, "--namespace=apps", path);
  const url = `http://${NODE}:${port}/`;
  await until("an answer at the NodePort", 60, async () => {
    return (await lab.sandbox(["exec", "--", "curl", "--fail", "--silent", "--max-time", "3", url])).status === 0;
  });
  return url;
}

function describe({ requestsPerSecond, p99Milliseconds }: Load): string {
  return `${requestsPerSecond.toFixed(0)}/s, p99 ${p99Milliseconds.toFixed(1)} ms`;
}
