package e2e

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// TestCommandsMixed uses one manifest with several commands, while Whereabouts uses the pool. To the API server, each command
// is another manager of the fields that it writes (metadata.managedFields). No command has a conflict about a field that the
// webhook normalizes.
func TestCommandsMixed(t *testing.T) {
	all := func(manifest) bool { return true }
	for _, test := range []struct {
		commands string
		of       func(manifest) bool
	}{
		{"create then apply then apply", all},
		{"create then apply --server-side then apply --server-side", all},
		{"apply then apply --server-side then apply", manifest.whole},
		{"apply --server-side then apply then apply --server-side", manifest.whole},
		{"apply then apply --server-side --field-manager=gitops then apply", manifest.whole},
		{"create then replace then apply --server-side", manifest.whole},
		{"apply --server-side then replace then apply --server-side", manifest.whole},
	} {
		for _, m := range slices.DeleteFunc(manifests(), func(m manifest) bool { return !test.of(m) }) {
			t.Run(test.commands+"/"+m.name, func(t *testing.T) {
				t.Parallel()
				s := newSession(t, m)
				for i, command := range strings.Split(test.commands, " then ") {
					if got := s.do(t, command); got.Code != "0" {
						t.Errorf("kubectl %s: %v", command, got)
					}
					s.expectStored(t)
					switch i {
					case 0:
						s.startPods(t, at("1", "default/web-0"), at("2", "default/web-1"))
					case 1:
						s.endPod(t, "1")
					}
				}
			})
		}
	}
}

// do runs a command with the manifest.
func (s *session) do(t *testing.T, command string) printed {
	t.Helper()
	if command == "replace" {
		return s.replace(t)
	}
	return s.run(t, strings.Split(command, " ")...)
}

// replace replaces the pool with the manifest and the allocations of pods, as a user who keeps the addresses of running pods
// does.
func (s *session) replace(t *testing.T) printed {
	t.Helper()
	spec := decode(t, s.spec)
	allocations, _, _ := unstructured.NestedMap(decode(t, s.stored), "allocations")
	own, _, err := unstructured.NestedMap(spec, "allocations")
	if err != nil {
		t.Fatal(err)
	}
	for key, a := range s.expected() {
		if _, written := allocations[key]; written {
			continue // the manifest has the allocation, with this key or another key of the offset
		}
		if own == nil {
			own = map[string]any{}
		}
		own[key] = a
	}
	if own != nil {
		spec["allocations"] = own
	}
	file := filepath.Join(t.TempDir(), "edited.yaml")
	s.write(t, file, spec)
	return s.runOn(t, file, "replace")
}

// TestReplaceAgain replaces a pool several times while Whereabouts uses it.
func TestReplaceAgain(t *testing.T) {
	for _, m := range manifests() {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			s := newSession(t, m)
			s.expectRun(t, "created", m.first, "create")
			s.startPods(t, at("1", "default/web-0"), at("2", "default/web-1"))
			for range 2 {
				want := printed{Warnings: m.written, Lines: []string{"ippool.whereabouts.cni.cncf.io/" + s.pool + " replaced"}, Code: "0"}
				if diff := cmp.Diff(want, s.replace(t)); diff != "" {
					t.Errorf("kubectl replace (-want +got):\n%s", diff)
				}
				s.expectStored(t)
			}
			s.endPod(t, "1")
			s.replace(t)
			s.expectStored(t)
		})
	}
}

// TestReplaceOfUsedPool replaces a pool in use with the manifest alone. A manifest with allocations: {} removes all
// allocations, with a warning. A manifest without allocations is denied by the schema: if they were normalized to {}, it would
// remove all allocations too.
func TestReplaceOfUsedPool(t *testing.T) {
	const (
		released = "spec.allocations: removes 2 of 2 allocations; Whereabouts assigns their addresses to other pods immediately (rule bulk-release)"
		missing  = `The IPPool "10.9.0.0-24" is invalid: spec.allocations: Required value`
	)
	for _, test := range []struct {
		name, spec string
		want       printed
		stored     string // empty if nothing changes
	}{
		{
			name: "without allocations", spec: `{"range": "10.9.0.0/24"}`,
			want: printed{Lines: []string{missing}, Code: "1"},
		},
		{
			name: "with {}", spec: `{"range": "10.9.0.5/24", "allocations": {}}`,
			want: printed{
				Warnings: []string{`spec.range: stored as 10.9.0.0/24 instead of "10.9.0.5/24" (rule range-host-bits)`, released},
				Lines:    []string{"ippool.whereabouts.cni.cncf.io/10.9.0.0-24 replaced"}, Code: "0",
			},
			stored: `{"range": "10.9.0.0/24", "allocations": {}}`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newSession(t, manifest{pool: "10.9.0.0-24", spec: test.spec, stored: `{"range": "10.9.0.0/24", "allocations": {}}`})
			s.whereabouts.store(t, bare(s.pool, decode(t, s.stored)))
			s.startPods(t, at("1", "default/web-0"), at("2", "default/web-1"))
			if test.stored != "" {
				s.want = decode(t, test.stored)
			}
			if diff := cmp.Diff(test.want, s.run(t, "replace")); diff != "" {
				t.Errorf("kubectl replace (-want +got):\n%s", diff)
			}
			s.expectStored(t)
		})
	}
}

// TestApplyOfFewerAllocations applies a manifest from which an allocation was removed, with server-side apply. The allocation
// is removed from the pool, also if its key in the pool differs from the key in the manifest.
func TestApplyOfFewerAllocations(t *testing.T) {
	for _, key := range []string{"5", "05"} {
		t.Run(key, func(t *testing.T) {
			five, one := at(key, "default/web-5"), at("1", "default/web-0")
			s := newSession(t, manifest{pool: "10.9.0.0-24", spec: `{"range": "10.9.0.0/24"}`, stored: `{"range": "10.9.0.0/24", "allocations": {}}`})
			more := filepath.Join(t.TempDir(), "more.yaml")
			s.write(t, more, decode(t, specText(t, newPool("10.9.0.0/24", five))))
			s.expected()["5"] = five.fields()
			s.runOn(t, more, "apply", "--server-side")
			s.expectStored(t)
			s.startPods(t, one)
			delete(s.expected(), "5")
			s.apply(t, serverSide(), nil, "")
		})
	}
}
