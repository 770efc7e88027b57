{{/* Names are fixed, because a cluster has one installation. They are the defaults of `serve` and `doctor`. */}}
{{- define "ippool-webhook.selector" -}}
app.kubernetes.io/name: ippool-webhook
{{- end }}

{{- define "ippool-webhook.image" -}}
{{- if not .Values.image.repository -}}
{{- include "ippool-webhook.reject" "image.repository: Required value: there is no public image of ippool-webhook; build one and push it to your registry with `make image PUSH=1 IMAGE=registry.example/ippool-webhook:v0.1.0` in a clone of the source (docs/install.md), then set image.repository to registry.example/ippool-webhook and image.tag to v0.1.0" -}}
{{- end -}}
{{ .Values.image.repository }}{{ if .Values.image.digest }}@{{ .Values.image.digest }}{{ else }}:{{ .Values.image.tag | default .Chart.AppVersion }}{{ end }}
{{- end }}

{{- define "ippool-webhook.certificateSource" -}}
{{- $preset := include "ippool-webhook.preset" . | fromYaml -}}
{{ .Values.certificates.source | default $preset.certificateSource | default "cert-manager" }}
{{- end }}

{{- define "ippool-webhook.monitoringNamespace" -}}
{{- $preset := include "ippool-webhook.preset" . | fromYaml -}}
{{ .Values.monitoring.namespace | default $preset.monitoringNamespace | default "monitoring" }}
{{- end }}
