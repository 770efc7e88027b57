// Command node starts a Kubernetes cluster of one node in a sandbox, runs a command in it, and removes everything.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"ippool-webhook/test/node/cluster"
	"ippool-webhook/test/node/sandbox"
)

func main() { os.Exit(sandbox.Main(run)) }

func run(r sandbox.Run) int {
	programs := flag.String("programs", "", "folder with kube-apiserver, etcd, kubelet and the other programs of Kubernetes")
	images := flag.String("images", "", "folder with the archives of images to import")
	flag.Usage = func() {
		fmt.Fprintln(os.Stderr, "usage: node -programs FOLDER -images FOLDER COMMAND [ARGUMENT]...")
		flag.PrintDefaults()
	}
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	code, err := runIn(ctx, r, *programs, *images, flag.Args())
	if err != nil {
		fmt.Fprintln(os.Stderr, "node:", err)
		return 2
	}
	return code
}

// runIn starts a cluster and runs a command in it. It returns the exit code of the command.
func runIn(ctx context.Context, r sandbox.Run, programs, images string, command []string) (int, error) {
	if len(command) == 0 {
		return 0, errors.New("a command is required, such as bash")
	}
	archives, err := filepath.Glob(filepath.Join(images, "*.tar"))
	if err != nil {
		return 0, err
	}
	started := time.Now()
	c, err := cluster.Start(ctx, r, cluster.Options{Programs: programs, Images: archives, Progress: func(step string) {
		fmt.Fprintf(os.Stderr, "node: %5.1f s: %s\n", time.Since(started).Seconds(), step)
	}})
	if err != nil {
		return 0, err
	}
	fmt.Fprintf(os.Stderr, "node: %5.1f s: ready\n", time.Since(started).Seconds())
	return execute(ctx, c, programs, command)
}

// execute runs a command, which finds kubectl and the cluster. Upon Ctrl-C the command gets the signal from the terminal, and ends by itself.
func execute(ctx context.Context, c *cluster.Cluster, programs string, command []string) (int, error) {
	process := exec.CommandContext(ctx, command[0], command[1:]...) //nolint:gosec // the user says what to run
	process.Cancel = func() error { return process.Process.Signal(syscall.SIGTERM) }
	process.Stdin, process.Stdout, process.Stderr = os.Stdin, os.Stdout, os.Stderr
	process.Env = append(os.Environ(), "PATH="+programs+":"+os.Getenv("PATH"), "KUBECONFIG="+c.Kubeconfig, "IPPOOL_NODE_COMPONENTS="+c.Dir)
	var exit *exec.ExitError
	if err := process.Run(); errors.As(err, &exit) {
		return exit.ExitCode(), nil
	} else if err != nil {
		return 0, err
	}
	return 0, nil
}
