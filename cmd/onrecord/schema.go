package main

import (
	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"onrecord/pkg/casefile"
	"onrecord/pkg/dossier"
)

func newSchemaCommand(e *env) *cobra.Command {
	var ofCase bool
	cmd := &cobra.Command{
		Use:   "schema",
		Short: "print the JSON Schema of dossier.json",
		Args:  noArgs,
		RunE: func(*cobra.Command, []string) error {
			text := dossier.JSONSchema()
			if ofCase {
				text = casefile.Schema()
			}
			_, err := e.stdout.Write(text)
			return err
		},
	}
	cmd.Flags().BoolVar(&ofCase, "case", false, "that of the case file instead")
	return cmd
}

func newManCommand(e *env) *cobra.Command {
	return &cobra.Command{
		Use: "man DIR", Short: "write the manual pages into DIR", Hidden: true,
		Args: oneArg("a directory"),
		RunE: func(cmd *cobra.Command, args []string) error {
			now := e.now()
			cmd.Root().DisableAutoGenTag = true // the line that says which library wrote the page
			return doc.GenManTree(cmd.Root(), &doc.GenManHeader{Title: "ONRECORD", Section: "1", Source: "onrecord " + version, Date: &now}, args[0])
		},
	}
}
