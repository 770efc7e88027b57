package rules

import "ippool-webhook/webhook/ippool"

func rangeHostBits() Rule {
	return Rule{
		ID: "range-host-bits",
		Docs: Docs{
			Summary: "a range whose address is not the network address, such as 10.0.0.5/24.",
			Why: "Whereabouts counts offsets from the address as it is written, so that the pool's last offsets lie outside " +
				"its network; and it subtracts wrongly where a byte borrows, so that each of its writes renumbers entries: in " +
				"10.0.0.200/16 it writes offset 61 back as 51. It writes ranges masked itself, so that it looks for the pool " +
				"under another name.",
			Fix: "Write the network address. Of an empty pool the mutating webhook masks the range; of a pool with allocations " +
				"it does not, because that would renumber every one of them.",
		},
		Action: Deny,
		Pool: func(p *ippool.Pool) (Finding, bool) {
			return about(FieldRange, Invalid), p.EffectiveRange.IsValid() && p.EffectiveRange.HostBits()
		},
		Detail: func(dst []byte, s Subject, _ Finding) []byte {
			dst = append(dst, "has host bits set, and offsets count from the address as written; the network is "...)
			return append(dst, s.Pool.EffectiveRange.Masked().String()...)
		},
	}
}
