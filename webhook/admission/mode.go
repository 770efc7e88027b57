package admission

// Mode says what a request is evaluated for. The path that the API server sends it to decides (package server).
type Mode int

// The modes.
const (
	// Enforce validates and denies.
	Enforce Mode = iota
	// Observe validates and never denies: Deny becomes Warn, and Warn becomes Audit.
	Observe
	// Normalize writes another spelling of what the client has sent, where its meaning is clear, and never denies.
	Normalize
)

// Modes returns all modes.
func Modes() []Mode { return []Mode{Enforce, Observe, Normalize} }

// String returns the mode as metrics and logs spell it.
func (m Mode) String() string { return [...]string{"enforce", "observe", "normalize"}[m] }
