package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"onrecord/pkg/digest"
	"onrecord/pkg/seal"
	"onrecord/pkg/verify"
)

func newProveCommand(e *env) *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:   "prove DOSSIER EXHIBIT...",
		Short: "show single messages, proved to be of a sealed dossier, without the others",
		Long: `prove writes a directory with the exhibits that are named (by number) and, for each, the proof
(RFC 6962) that it is among the messages of the dossier: the path to messages.root, which the
tag manifest lists, which the signatures and time-stamps in seal/ are over. Of the other messages
it shows nothing but how many there are. onrecord verify checks the directory, and so does the
short program in its README.txt with Python alone.` + "\n" + exitCodesHelp,
		Example: "  onrecord prove thread.mbox.dossier 7 -o proof\n  onrecord verify proof",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) < 2 {
				return &outcome{code: exitUsage, err: fmt.Errorf("%s needs a DOSSIER directory and the number of an EXHIBIT", cmd.CommandPath()), hint: "see " + cmd.CommandPath() + " --help"}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return runProve(cmd.Context(), e, args[0], args[1:], output)
		},
	}
	cmd.Flags().StringVarP(&output, "output", "o", "", "directory to write (needed; must not be there yet)")
	return cmd
}

func runProve(ctx context.Context, e *env, dir string, exhibits []string, output string) error {
	if output == "" {
		return usage("prove needs -o DIR")
	}
	root, err := openDossier(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	prover, err := seal.NewProver(root.FS())
	if err != nil {
		return &outcome{code: exitMismatch, err: fmt.Errorf("%s: %w", dir, err), hint: "onrecord verify tells more"}
	}
	var names []string
	for _, x := range exhibits {
		n, err := strconv.Atoi(strings.TrimSuffix(path.Base(x), ".eml"))
		if err != nil || n < 1 || n > prover.Count() {
			return usage("%q is no exhibit: there are 1 to %d", x, prover.Count())
		}
		names = append(names, seal.ExhibitFile(n, prover.Count()))
	}
	if _, err := os.Lstat(output); err == nil {
		return failed("choose another place with -o", "%s exists already", output)
	}
	tmp, err := os.MkdirTemp(filepath.Dir(filepath.Clean(output)), ".onrecord-proof-")
	if err != nil {
		return failed("", "%w", err)
	}
	defer os.RemoveAll(tmp)
	if err := writeProof(ctx, root, prover, names, tmp); err != nil {
		return err
	}
	// What is handed over is checked first, as the other side will check it.
	made, err := os.OpenRoot(tmp)
	if err != nil {
		return failed("", "%w", err)
	}
	report, err := verify.Proof(made.FS(), verify.Trust{})
	made.Close()
	if err != nil {
		return failed("", "%w", err)
	}
	if !report.OK {
		return &outcome{code: exitMismatch, err: fmt.Errorf("%s is not as its manifests and seals say: no proof was written", dir), hint: "onrecord verify tells what differs"}
	}
	if err := os.Chmod(tmp, 0o755); err != nil {
		return failed("", "%w", err)
	}
	if err := os.Rename(tmp, output); err != nil {
		return failed("", "%w", err)
	}
	fmt.Fprintf(e.stdout, "%s: %s of %d, each with its proof\n", harmless(output), count(len(names), "message", "messages"), prover.Count())
	return e.recordExport(root, "proof of "+strings.Join(names, ", "))
}

// recordExport writes into the record of custody what was handed out. A dossier on a medium that cannot be written to stays as it is.
func (e *env) recordExport(root *os.Root, what string) error {
	err := e.recordCustody(root, seal.Event{Action: "exported", Result: what})
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) {
		e.warn("%s could not be written: %v", seal.CustodyFile, err)
		return nil
	}
	return err
}

func writeProof(ctx context.Context, root *os.Root, prover *seal.Prover, names []string, dir string) error {
	if err := os.Mkdir(filepath.Join(dir, "seal"), 0o777); err != nil {
		return failed("", "%w", err)
	}
	files := []string{seal.RootFile, tagManifest, "tagmanifest-sha512.txt"}
	seals, err := sealFiles(root)
	if err != nil {
		return failed("", "%w", err)
	}
	for _, s := range seals {
		files = append(files, "seal/"+s)
	}
	for _, f := range files {
		if err := copyOut(ctx, root, f, filepath.Join(dir, filepath.FromSlash(f))); err != nil {
			return err
		}
	}
	for _, n := range names {
		to := filepath.Join(dir, path.Base(n))
		if _, err := os.Lstat(to); err == nil {
			continue // named twice
		}
		if err := copyOut(ctx, root, n, to); err != nil {
			return err
		}
		proof, err := prover.Proof(n)
		if err != nil {
			return failed("", "%w", err)
		}
		if err := os.WriteFile(to+verify.ProofSuffix, proof, 0o666); err != nil {
			return failed("", "%w", err)
		}
	}
	manifest, err := root.ReadFile(tagManifest)
	if err != nil {
		return failed("", "%w", err)
	}
	readme := strings.NewReplacer("NAME", path.Base(names[0]), "DIGEST", digest.Of(manifest).String(), "COUNT", strconv.Itoa(prover.Count())).Replace(proofReadme)
	if err := os.WriteFile(filepath.Join(dir, "README.txt"), []byte(readme), 0o666); err != nil {
		return failed("", "%w", err)
	}
	return nil
}

func copyOut(ctx context.Context, root *os.Root, from, to string) error {
	in, err := root.Open(from)
	if err != nil {
		return failed("", "%w", err)
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o666)
	if err != nil {
		return failed("", "%w", err)
	}
	_, err = io.Copy(out, stoppableReader{in, ctx.Err})
	if cerr := out.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return failed("", "%w", err)
	}
	return nil
}

// proofReadme is README.txt of a proof. The program in it is RFC 9162 §2.1.3.2, whose trees are those of RFC 6962.
var proofReadme = string(bytes.TrimLeft([]byte(`
Single messages out of an e-mail evidence dossier
=================================================

Each .eml here is one of the COUNT messages of a dossier, byte for byte. Its .tlog-proof shows that
it belongs to them: a path of digests from the message to messages.root. tagmanifest-sha256.txt is
the dossier's list of what it says; it holds the digest of messages.root. The signatures and
time-stamps in seal/, if there are any, are over that list. Of the other messages nothing is shown.

Digest of the list: DIGEST

With onrecord:  onrecord verify .

Without it, in this directory:

    grep '  messages.root$' tagmanifest-sha256.txt | sha256sum -c
    ssh-keygen -Y verify -f allowed-signers -I anna@firm.example -n onrecord -s seal/anna.sig <tagmanifest-sha256.txt
    openssl cms -verify -binary -inform DER -in seal/anna.p7s -content tagmanifest-sha256.txt -CAfile ca.pem -purpose any -out /dev/null
    openssl ts -verify -data tagmanifest-sha256.txt -in seal/stamp-1.tsr -CAfile ca.pem

and with Python for each message (python3 - NAME):

    import base64, hashlib, sys
    sha = lambda b: hashlib.sha256(b).digest()
    name = sys.argv[1]
    head, root = open(name + ".tlog-proof").read().split("\n\n", 1)
    lines = head.split("\n")
    first, path = int(lines[1].split()[1]), [base64.b64decode(x) for x in lines[2:]]
    last = int(root.split("\n")[1]) - 1
    sum = hashlib.sha256(open(name, "rb").read()).hexdigest()
    x = sha(b"\0" + (sum + "  data/messages/" + name + "\n").encode())
    for p in path:
        if first & 1 or first == last:
            x = sha(b"\1" + p + x)
            while first and not first & 1:
                first, last = first >> 1, last >> 1
        else:
            x = sha(b"\1" + x + p)
        first, last = first >> 1, last >> 1
    ok = last == 0 and base64.b64encode(x).decode() == root.split("\n")[2] and root == open("messages.root").read()
    sys.exit(0 if ok else "the proof does not hold")
`), "\n"))
