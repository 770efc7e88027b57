{{- define "ippool-webhook.labels" -}}
{{ include "ippool-webhook.selector" . }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/component: admission-webhook
app.kubernetes.io/part-of: whereabouts
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version | replace "+" "_" }}
{{- end }}

{{/* Labels or annotations of the chart, with those of a value. Takes the YAML of the chart, the value, and the path of the value.
A key of the chart is rejected: YAML must not have a key twice, and the chart needs its own value. */}}
{{- define "ippool-webhook.extended" -}}
{{- $own := index . 0 | fromYaml -}}
{{- $path := index . 2 -}}
{{- range $key, $value := index . 1 -}}
{{- if hasKey $own $key -}}
{{- include "ippool-webhook.reject" (printf "%s[%s]: Forbidden: the chart sets this key" $path $key) -}}
{{- end -}}
{{- $_ := set $own $key $value -}}
{{- end -}}
{{- with $own -}}
{{ toYaml . }}
{{- end -}}
{{- end }}

{{/* Items of a list that the chart extends. Takes the list, the field that must be unique, the values of the chart, and the path. */}}
{{- define "ippool-webhook.additional" -}}
{{- $field := index . 1 -}}
{{- $own := index . 2 -}}
{{- $path := index . 3 -}}
{{- range $i, $item := index . 0 -}}
{{- $value := get $item $field -}}
{{- if has $value $own -}}
{{- include "ippool-webhook.reject" (printf "%s[%d].%s: Duplicate value: %q: the chart sets it" $path $i $field $value) -}}
{{- end -}}
{{- end -}}
{{- with index . 0 -}}
{{ toYaml . }}
{{- end -}}
{{- end }}
