// The flannel CNI plugin for the simulated hosts.
//
// The published plugin of the time can't be had as a Go module, and the last one that can speaks CNI 0.4.0 and IPv4
// only, while k3s writes a 1.0.0 configuration. This one follows the plugin's documented behaviour
// (https://github.com/flannel-io/cni-plugin#readme): it reads what flanneld wrote about this host's subnets, completes
// the `delegate` configuration with it and hands the pod over to the bridge plugin with host-local addresses.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/containernetworking/cni/pkg/invoke"
	"github.com/containernetworking/cni/pkg/skel"
	"github.com/containernetworking/cni/pkg/types"
	"github.com/containernetworking/cni/pkg/version"
)

const (
	defaultSubnetFile = "/run/flannel/subnet.env"
	defaultDataDir    = "/var/lib/cni/flannel"
)

// networkConfig is the plugin's configuration as the runtime gives it on standard input.
type networkConfig struct {
	types.NetConf
	SubnetFile string         `json:"subnetFile"`
	DataDir    string         `json:"dataDir"`
	Delegate   map[string]any `json:"delegate"`
}

func main() {
	skel.PluginMain(add, check, remove, version.All, "flannel for the homelab sandbox")
}

func parse(input []byte) (*networkConfig, error) {
	config := &networkConfig{SubnetFile: defaultSubnetFile, DataDir: defaultDataDir}
	if err := json.Unmarshal(input, config); err != nil {
		return nil, fmt.Errorf("flannel: the network configuration is no valid JSON: %w", err)
	}
	if config.Delegate == nil {
		config.Delegate = map[string]any{}
	}
	return config, nil
}

// The delegate's configuration is kept until DEL: by then the subnet file may have changed or be gone.
func statePath(config *networkConfig, containerID string) string {
	return filepath.Join(config.DataDir, containerID)
}

func add(args *skel.CmdArgs) error {
	config, err := parse(args.StdinData)
	if err != nil {
		return err
	}
	host, err := readSubnets(config.SubnetFile)
	if err != nil {
		return err
	}
	delegate, err := json.Marshal(delegateConfig(config, host))
	if err != nil {
		return err
	}
	if err := os.MkdirAll(config.DataDir, 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(statePath(config, args.ContainerID), delegate, 0o600); err != nil {
		return err
	}
	result, err := invoke.DelegateAdd(context.Background(), pluginType(config.Delegate), delegate, nil)
	if err != nil {
		return err
	}
	return types.PrintResult(result, config.CNIVersion)
}

func check(args *skel.CmdArgs) error {
	config, err := parse(args.StdinData)
	if err != nil {
		return err
	}
	delegate, err := os.ReadFile(statePath(config, args.ContainerID))
	if err != nil {
		return err
	}
	var withResult map[string]any
	if err := json.Unmarshal(delegate, &withResult); err != nil {
		return err
	}
	withResult["prevResult"] = config.RawPrevResult
	if delegate, err = json.Marshal(withResult); err != nil {
		return err
	}
	return invoke.DelegateCheck(context.Background(), pluginType(withResult), delegate, nil)
}

func remove(args *skel.CmdArgs) error {
	config, err := parse(args.StdinData)
	if err != nil {
		return err
	}
	path := statePath(config, args.ContainerID)
	delegate, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		// A pod may be removed twice, and DEL of what is gone must succeed.
		return nil
	} else if err != nil {
		return err
	}
	var saved map[string]any
	if err := json.Unmarshal(delegate, &saved); err != nil {
		return err
	}
	if err := invoke.DelegateDel(context.Background(), pluginType(saved), delegate, nil); err != nil {
		return err
	}
	return os.Remove(path)
}
