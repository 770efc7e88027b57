{{- define "ippool-webhook.policy" -}}
apiVersion: config.ippool-webhook/v1alpha1
kind: Policy
{{- with .Values.policy.rules }}
rules:
  {{- toYaml . | nindent 2 }}
{{- end }}
fieldValidation: {{ .Values.policy.fieldValidation }}
{{- with .Values.policy.knownFields }}
knownFields:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* The hash replaces the pods when the Policy changes. */}}
{{- define "ippool-webhook.podAnnotations" -}}
kubectl.kubernetes.io/default-container: webhook
checksum/policy: {{ include "ippool-webhook.policy" . | sha256sum | quote }}
{{- end }}
