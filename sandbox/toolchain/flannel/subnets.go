package main

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
)

// subnets is what flanneld tells of this host: one subnet per address family, and the cluster's networks.
type subnets struct {
	networks   []string
	own        []string
	mtu        int
	masquerade bool
}

func readSubnets(path string) (*subnets, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("flannel: flanneld has not written its subnets yet: %w", err)
	}
	defer file.Close()
	values := map[string]string{}
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		if name, value, found := strings.Cut(strings.TrimSpace(lines.Text()), "="); found {
			values[name] = value
		}
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	host := &subnets{masquerade: values["FLANNEL_IPMASQ"] == "true"}
	for _, family := range []string{"FLANNEL", "FLANNEL_IPV6"} {
		if own := values[family+"_SUBNET"]; own != "" {
			// flanneld writes the host's address in its subnet, host-local wants the subnet itself.
			_, subnet, err := net.ParseCIDR(own)
			if err != nil {
				return nil, fmt.Errorf("flannel: %s: %w", path, err)
			}
			host.own = append(host.own, subnet.String())
			host.networks = append(host.networks, strings.Split(values[family+"_NETWORK"], ",")...)
		}
	}
	if len(host.own) == 0 {
		return nil, fmt.Errorf("flannel: %s names no subnet of this host", path)
	}
	if host.mtu, err = strconv.Atoi(values["FLANNEL_MTU"]); err != nil {
		return nil, fmt.Errorf("flannel: FLANNEL_MTU in %s is %q, expected a number", path, values["FLANNEL_MTU"])
	}
	return host, nil
}

func pluginType(delegate map[string]any) string {
	if name, ok := delegate["type"].(string); ok {
		return name
	}
	return "bridge"
}

// delegateConfig completes the configured delegate; what the configuration sets itself is left as it is.
func delegateConfig(config *networkConfig, host *subnets) map[string]any {
	delegate := map[string]any{}
	for key, value := range config.Delegate {
		delegate[key] = value
	}
	delegate["name"] = config.Name
	delegate["cniVersion"] = config.CNIVersion
	setDefault := func(key string, value any) {
		if _, exists := delegate[key]; !exists {
			delegate[key] = value
		}
	}
	setDefault("type", "bridge")
	// flanneld masquerades itself when told to; otherwise the bridge plugin has to.
	setDefault("ipMasq", !host.masquerade)
	setDefault("mtu", host.mtu)
	if delegate["type"] == "bridge" {
		setDefault("isGateway", true)
	}
	ranges := [][]map[string]string{}
	for _, subnet := range host.own {
		ranges = append(ranges, []map[string]string{{"subnet": subnet}})
	}
	routes := []map[string]string{}
	for _, network := range host.networks {
		if network != "" {
			routes = append(routes, map[string]string{"dst": network})
		}
	}
	delegate["ipam"] = map[string]any{"type": "host-local", "ranges": ranges, "routes": routes}
	return delegate
}
