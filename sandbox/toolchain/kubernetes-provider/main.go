// The Pulumi Kubernetes provider as a plugin executable.
//
// The main package of the upstream module embeds files that its release build generates and that the module
// therefore lacks. This one embeds the same two documents, written next to it by the sandbox from the schema and
// the Terraform mapping that the module does hold (see ../recipes.ts).
package main

import (
	_ "embed"

	"github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/provider"
	"github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/version"
)

//go:embed schema-versioned.json
var schema []byte

//go:embed terraform-mapping.json
var terraformMapping []byte

func main() {
	provider.Serve("kubernetes", version.Version, schema, terraformMapping)
}
