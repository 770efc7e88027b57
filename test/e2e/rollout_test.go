package e2e

import (
	"strings"
	"testing"
)

// TestRollOut applies manifests while users are observed, as docs/install.md recommends for a roll-out: a pool is stored as it is
// written, with warnings of what enforce mode would deny, and stays so.
func TestRollOut(t *testing.T) {
	configure(t, "users-observe")
	space := func(text string) string {
		return `spec.range: Invalid value: "` + text + `": must not have leading or trailing white space; write ` + strings.TrimSpace(text) + ` (rule range-syntax)`
	}
	key := func(key, offset string) string {
		return `spec.allocations[` + key + `]: Invalid value: "` + key + `": must be a decimal offset; write "` + offset + `" (rule offset-syntax)`
	}
	warnings := map[string][]string{
		"host bits": {`spec.range: Invalid value: "10.9.0.5/24": must be the network address, without host bits; ` +
			`write 10.9.0.0/24 (rule range-host-bits)`},
		"key 05":               {key("05", "5")},
		"white space":          {space(" 10.9.0.0/24 ")},
		"all of a pool in use": {space(" 2001:DB8:0::/64 "), key("05", "5"), key("+6", "6")},
	}
	for _, mode := range applyModes() {
		for _, m := range manifests() {
			if decode(t, m.spec)["allocations"] == nil {
				continue // without the mutating webhook, the schema denies it
			}
			t.Run(mode.name+"/"+m.name, func(t *testing.T) {
				t.Parallel()
				m.stored, m.again, m.written = m.spec, nil, nil
				s := newSession(t, m)
				s.apply(t, mode, warnings[m.name], "created")
				s.applyAgain(t, mode)
				s.startPods(t, at("1", "default/web-0"), at("2", "default/web-1"))
				s.applyAgain(t, mode)
				s.expectNoDifference(t, mode)
				s.endPod(t, "1")
				if got := s.replace(t); got.Code != "0" || len(got.Warnings) > 0 {
					t.Errorf("kubectl replace: %v", got)
				}
				s.expectStored(t)
				s.apply(t, mode, nil, "configured") // a replacement removes only the annotation of kubectl apply
				s.applyAgain(t, mode)
			})
		}
	}
}

// TestRollOutOfRenamedKey shows why manifests must be corrected during a roll-out. In observe mode nothing is normalized.
// Whereabouts writes all allocations with canonical keys and so changes the key of the manifest, and each apply adds the other
// key again.
func TestRollOutOfRenamedKey(t *testing.T) {
	configure(t, "users-observe")
	five := at("05", "default/web-5")
	for _, mode := range applyModes() {
		t.Run(mode.name, func(t *testing.T) {
			s := newSession(t, manifest{pool: "10.9.0.0-24", spec: specText(t, newPool("10.9.0.0/24", five))})
			s.apply(t, mode, []string{
				`spec.allocations[05]: Invalid value: "05": must be a decimal offset; write "5" (rule offset-syntax)`,
			}, "created")
			s.patchAsWhereabouts(t, s.pool,
				map[string]any{"op": "remove", "path": "/spec/allocations/05"},
				map[string]any{"op": "add", "path": "/spec/allocations/5", "value": five.fields()})
			s.expected()["5"] = five.fields() // beside 05
			s.apply(t, mode, []string{
				`spec.allocations[05]: Invalid value: "05": must be a decimal offset without sign, white space or leading zeros, such as "5" (rule offset-syntax)`,
				`spec.allocations[05]: Duplicate value: "05": has the same offset as key "5"; remove one of the two (rule offset-alias)`,
			}, "configured")
		})
	}
}
