{{/* Names are fixed, because a cluster has one installation. They are the defaults of `serve` and `doctor`. */}}
{{- define "ippool-webhook.selector" -}}
app.kubernetes.io/name: ippool-webhook
{{- end }}

{{- define "ippool-webhook.labels" -}}
{{ include "ippool-webhook.selector" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion }}
app.kubernetes.io/component: admission-webhook
app.kubernetes.io/part-of: whereabouts
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- define "ippool-webhook.image" -}}
{{ .Values.image.repository }}{{ if .Values.image.digest }}@{{ .Values.image.digest }}{{ else }}:{{ .Values.image.tag | default .Chart.AppVersion }}{{ end }}
{{- end }}

{{- define "ippool-webhook.certificateSource" -}}
{{- if and (eq .Values.preset "openshift") (eq .Values.certificates.source "cert-manager") }}service-ca{{ else }}{{ .Values.certificates.source }}{{ end }}
{{- end }}

{{- define "ippool-webhook.monitoringNamespace" -}}
{{ .Values.monitoring.namespace | default (eq .Values.preset "openshift" | ternary "openshift-monitoring" "monitoring") }}
{{- end }}
