{{/* The user names that are treated as Whereabouts, in addition to those that the expression recognizes. */}}
{{- define "ippool-webhook.extraUsernames" -}}
{{- range $i, $name := .Values.webhooks.whereabouts.extraUsernames -}}
{{- if not (regexMatch `^[^'"\\,*?\s]+$` $name) -}}
{{- include "ippool-webhook.reject" (printf "webhooks.whereabouts.extraUsernames[%d]: Invalid value: %q: must be one complete user name, without wildcards, white space, commas and quotes, such as system:serviceaccount:cni:whereabouts" $i $name) -}}
{{- end -}}
{{- end -}}
{{- $preset := include "ippool-webhook.preset" . | fromYaml -}}
{{ join "," (concat ($preset.usernames | default list) .Values.webhooks.whereabouts.extraUsernames | uniq) }}
{{- end }}

{{/* The labels and annotations of both webhook configurations. */}}
{{- define "ippool-webhook.webhookMetadata" -}}
{{- $preset := include "ippool-webhook.preset" . | fromYaml -}}
labels:
  {{- $labels := merge (deepCopy .Values.webhooks.labels) ($preset.webhookLabels | default dict) }}
  {{- include "ippool-webhook.extended" (list (include "ippool-webhook.labels" .) $labels "webhooks.labels") | nindent 2 }}
{{- with include "ippool-webhook.extended" (list (include "ippool-webhook.injection" .) .Values.webhooks.annotations "webhooks.annotations") }}
annotations:
  {{- . | nindent 2 }}
{{- end }}
{{- end }}

{{/* The annotation for the component that fills caBundle. */}}
{{- define "ippool-webhook.injection" -}}
{{- $source := include "ippool-webhook.certificateSource" . -}}
{{- if eq $source "cert-manager" -}}
cert-manager.io/inject-ca-from: {{ .Release.Namespace }}/{{ .Values.certificates.secretName }}
{{- else if eq $source "service-ca" -}}
service.beta.openshift.io/inject-cabundle: "true"
{{- end }}
{{- end }}

{{/* The fields that every webhook has; takes the root and the path. */}}
{{- define "ippool-webhook.webhook" -}}
{{- $root := index . 0 -}}
admissionReviewVersions: [v1]
sideEffects: None
clientConfig:
  service:
    name: ippool-webhook
    namespace: {{ $root.Release.Namespace }}
    path: {{ index . 1 }}
    port: 443
  {{- if eq (include "ippool-webhook.certificateSource" $root) "files" }}
  {{- if not $root.Values.certificates.caBundle }}
  {{- include "ippool-webhook.reject" "certificates.caBundle: Required value: if certificates.source is files, it must be the CA in PEM that the API server trusts" }}
  {{- end }}
  caBundle: {{ $root.Values.certificates.caBundle | b64enc }}
  {{- end }}
{{- include "ippool-webhook.selectors" $root }}
{{- end }}

{{/* The selectors of the pools that are validated. */}}
{{- define "ippool-webhook.selectors" -}}
{{- $namespaces := .Values.webhooks.namespaceSelector }}
{{- with .Values.webhooks.excludedNamespaces }}
{{- $excluded := dict "key" "kubernetes.io/metadata.name" "operator" "NotIn" "values" . }}
{{- $namespaces = set (deepCopy $namespaces) "matchExpressions" (append ($namespaces.matchExpressions | default list) $excluded) }}
{{- end }}
{{- with $namespaces }}
namespaceSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.webhooks.objectSelector }}
objectSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* The paths, which decide the mode; takes Enforce or Observe. */}}
{{- define "ippool-webhook.validatePath" -}}
/validate-whereabouts-cni-cncf-io-v1alpha1-ippool{{ if eq . "Observe" }}/observe{{ end }}
{{- end }}

{{/* Each set of match conditions is one expression: the API server evaluates every condition, and this one ends early. */}}
{{- define "ippool-webhook.usersCondition" -}}
matchConditions:
  - name: users
    expression: >-
      !(request.userInfo.username.startsWith('system:serviceaccount:kube-system:') && request.userInfo.username.contains('whereabouts')) &&
      !(request.userInfo.username in ['system:serviceaccount:kube-system:namespace-controller',
      'system:serviceaccount:kube-system:generic-garbage-collector', 'system:kube-controller-manager']) &&
      !(request.userInfo.username in "{{ include "ippool-webhook.extraUsernames" . }}".replace(' ', '').split(',')) &&
      (request.operation != 'UPDATE' || !has(object.spec) || !has(oldObject.spec) || object.spec != oldObject.spec)
{{- end }}

{{- define "ippool-webhook.whereaboutsCondition" -}}
matchConditions:
  - name: whereabouts
    expression: >-
      (request.userInfo.username.startsWith('system:serviceaccount:kube-system:') && request.userInfo.username.contains('whereabouts') ||
      request.userInfo.username in ['system:serviceaccount:kube-system:namespace-controller',
      'system:serviceaccount:kube-system:generic-garbage-collector', 'system:kube-controller-manager'] ||
      request.userInfo.username in "{{ include "ippool-webhook.extraUsernames" . }}".replace(' ', '').split(',')) &&
      (request.operation != 'UPDATE' || !has(object.spec) || !has(oldObject.spec) || object.spec != oldObject.spec)
{{- end }}

{{- define "ippool-webhook.rules" -}}
rules:
  - apiGroups: [whereabouts.cni.cncf.io]
    apiVersions: [v1alpha1]
    resources: [ippools]
    operations: [{{ . }}]
    scope: Namespaced
{{- end }}
