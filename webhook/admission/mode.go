package admission

// Mode is the way in which a request is evaluated. It depends on the path of the request (package server).
type Mode int

// The modes.
const (
	// Enforce validates and denies.
	Enforce Mode = iota
	// Observe validates and never denies: Deny becomes Warn, and Warn becomes Audit.
	Observe
	// Normalize rewrites values whose meaning is clear in canonical form, and never denies.
	Normalize
)

// Modes returns all modes.
func Modes() []Mode { return []Mode{Enforce, Observe, Normalize} }

// String returns the name of the mode in metrics and logs.
func (m Mode) String() string { return [...]string{"enforce", "observe", "normalize"}[m] }
