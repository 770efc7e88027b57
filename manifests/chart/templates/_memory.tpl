{{/* GOMEMLIMIT is nine tenths of the memory limit, so that Go collects garbage before the kernel kills the process. The limit is a
quantity of Kubernetes: a number, with a unit or an exponent. Go reads MiB. */}}
{{- define "ippool-webhook.goMemoryLimit" -}}
{{- $limit := toString .Values.resources.limits.memory -}}
{{- if not (regexMatch `^\+?([0-9]+(\.[0-9]*)?|\.[0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]{1,2})?$` $limit) -}}
{{- include "ippool-webhook.reject" (printf "resources.limits.memory: Invalid value: %q: must be a quantity of Kubernetes in bytes, such as 512Mi, 1Gi, 500M or 1e9" $limit) -}}
{{- end -}}
{{- $unit := regexFind `([KMGTPE]i|[numkMGTPE])$` $limit -}}
{{- $units := dict
  "n" 1e-9 "u" 1e-6 "m" 1e-3 "" 1.0 "k" 1e3 "M" 1e6 "G" 1e9 "T" 1e12 "P" 1e15 "E" 1e18
  "Ki" 1024.0 "Mi" 1048576.0 "Gi" 1073741824.0 "Ti" 1099511627776.0 "Pi" 1125899906842624.0 "Ei" 1152921504606846976.0 -}}
{{- $mebibytes := divf (mulf (trimSuffix $unit $limit | float64) (get $units $unit)) 1048576.0 -}}
{{- if lt $mebibytes 360.0 -}}
{{- include "ippool-webhook.reject" (printf "resources.limits.memory: Invalid value: %q: must be at least 360Mi: a replica can use 318 MiB for the requests that it accepts at a time, and GOMEMLIMIT is nine tenths of the limit" $limit) -}}
{{- else if gt $mebibytes 1048576.0 -}}
{{- include "ippool-webhook.reject" (printf "resources.limits.memory: Invalid value: %q: must be at most 1Ti" $limit) -}}
{{- end -}}
{{ mulf $mebibytes 0.9 | floor | int64 }}MiB
{{- end }}
