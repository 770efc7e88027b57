{{/* A CEL expression, with the list of the trusted writers on a line of its own. */}}
{{- define "ippool-webhook.isTrusted" -}}
request.userInfo.username in [
'{{ join "', '" .Values.trustedWriters.usernames }}'
]
{{- end }}

{{- define "ippool-webhook.annotations" -}}
{{- $source := include "ippool-webhook.certificateSource" . -}}
{{- if eq $source "cert-manager" -}}
annotations:
  cert-manager.io/inject-ca-from: {{ .Release.Namespace }}/{{ .Values.certificates.secretName }}
{{- else if eq $source "service-ca" -}}
annotations:
  service.beta.openshift.io/inject-cabundle: "true"
{{- end }}
{{- end }}

{{/* What is the same in each entry; takes the root and the path's verb. */}}
{{- define "ippool-webhook.entry" -}}
{{- $root := index . 0 -}}
admissionReviewVersions: [v1]
sideEffects: None
clientConfig:
  service:
    name: ippool-webhook
    namespace: {{ $root.Release.Namespace }}
    path: /{{ index . 1 }}-whereabouts-cni-cncf-io-v1alpha1-ippool
    port: 443
  {{- if eq (include "ippool-webhook.certificateSource" $root) "files" }}
  caBundle: {{ required "certificates.source files wants certificates.caBundle, the CA in PEM that the API server shall trust" $root.Values.certificates.caBundle | b64enc }}
  {{- end }}
{{- $namespaces := $root.Values.webhooks.namespaceSelector }}
{{- with $root.Values.webhooks.excludedNamespaces }}
{{- $excluded := dict "key" "kubernetes.io/metadata.name" "operator" "NotIn" "values" . }}
{{- $namespaces = set (deepCopy $namespaces) "matchExpressions" (append ($namespaces.matchExpressions | default list) $excluded) }}
{{- end }}
{{- with $namespaces }}
namespaceSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $root.Values.webhooks.objectSelector }}
objectSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* The condition that tells ordinary writers, or trusted ones, apart, and the one that spares calls; takes the root and which. */}}
{{- define "ippool-webhook.matchConditions" -}}
{{- $trusted := include "ippool-webhook.isTrusted" (index . 0) -}}
matchConditions:
  - name: {{ index . 1 }}-writer
    expression: |-
      {{- if eq (index . 1) "trusted" }}
      {{- $trusted | nindent 6 }}
      {{- else }}
      {{- printf "!(%s)" $trusted | nindent 6 }}
      {{- end }}
  - name: spec-changed
    expression: >-
      request.operation != 'UPDATE' || !has(object.spec) || !has(oldObject.spec) || object.spec != oldObject.spec
{{- end }}

{{- define "ippool-webhook.rules" -}}
rules:
  - apiGroups: [whereabouts.cni.cncf.io]
    apiVersions: [v1alpha1]
    resources: [ippools]
    operations: [{{ . }}]
    scope: Namespaced
{{- end }}
