{{- define "tocsin.name" -}}
{{- if contains "tocsin" .Release.Name }}{{ .Release.Name | trunc 40 | trimSuffix "-" }}{{ else }}{{ printf "%s-tocsin" .Release.Name | trunc 40 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "tocsin.image" -}}
{{- $i := .Values.image -}}
{{- if $i.digest }}{{ printf "%s@%s" $i.repository $i.digest }}{{ else }}{{ printf "%s:%s" $i.repository ($i.tag | default .Chart.AppVersion) }}{{ end }}
{{- end }}

{{- define "tocsin.labels" -}}
app.kubernetes.io/name: tocsin
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{/* Call with (list $ "part"). */}}
{{- define "tocsin.selector" -}}
{{- $root := index . 0 -}}
app.kubernetes.io/name: tocsin
app.kubernetes.io/instance: {{ $root.Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end }}

{{- define "tocsin.storeSecret" -}}
{{- if .Values.store.cloudnativepg.enabled }}{{ include "tocsin.name" . }}-store-app{{ else }}{{ required "store.existingSecret: name a Secret with the key `url`, or set store.cloudnativepg.enabled" .Values.store.existingSecret }}{{ end }}
{{- end }}
{{- define "tocsin.storeKey" -}}
{{- if .Values.store.cloudnativepg.enabled }}uri{{ else }}url{{ end }}
{{- end }}

{{- define "tocsin.bootstrap" -}}
{{- if .Values.kafka.strimzi.enabled }}{{ .Values.kafka.strimzi.cluster }}-kafka-bootstrap:9093{{ else }}{{ required "kafka.bootstrapServers: name your brokers, or set kafka.strimzi.enabled" .Values.kafka.bootstrapServers }}{{ end }}
{{- end }}

{{/* The configuration that every part mounts. */}}
{{- define "tocsin.toml" -}}
[kafka]
bootstrap_servers = {{ include "tocsin.bootstrap" . | quote }}
partitions = {{ .Values.kafka.partitions | int }}
replication = {{ .Values.kafka.replication | int }}
{{- if .Values.kafka.strimzi.enabled }}
security_protocol = "SSL"
ssl_cafile = "/etc/tocsin/kafka-ca/ca.crt"
ssl_certfile = "/etc/tocsin/kafka-user/user.crt"
ssl_keyfile = "/etc/tocsin/kafka-user/user.key"
{{- else }}
security_protocol = {{ .Values.kafka.securityProtocol | quote }}
{{- if .Values.kafka.tlsSecret }}
ssl_cafile = "/etc/tocsin/kafka-user/ca.crt"
ssl_certfile = "/etc/tocsin/kafka-user/user.crt"
ssl_keyfile = "/etc/tocsin/kafka-user/user.key"
{{- end }}
{{- end }}

[store]
url = "${TOCSIN_STORE_URL}"
keep_days = {{ .Values.store.keepDays | int }}

[metrics]
listen = "0.0.0.0:9464"
{{- if .Values.web.enabled }}

[web]
listen = "0.0.0.0:8080"
https = {{ .Values.web.https }}
{{- if .Values.web.userHeader }}
user_header = {{ .Values.web.userHeader | quote }}
{{- end }}
{{- if .Values.web.sessionSecret }}
secret_file = "/etc/tocsin/web/secret"
{{- end }}
{{- end }}

{{ .Values.config }}
{{- end }}

{{- define "tocsin.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "tocsin.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsNonRoot: true
capabilities: {drop: [ALL]}
{{- end }}

{{- define "tocsin.environment" -}}
- name: TOCSIN_CONFIG
  value: /etc/tocsin/tocsin.toml
- name: TOCSIN_STORE_URL
  valueFrom: {secretKeyRef: {name: {{ include "tocsin.storeSecret" . }}, key: {{ include "tocsin.storeKey" . }}}}
{{- range $name, $from := .Values.secretEnvironment }}
- name: {{ $name }}
  valueFrom: {secretKeyRef: {name: {{ $from.name }}, key: {{ $from.key }}}}
{{- end }}
{{- end }}

{{- define "tocsin.mounts" -}}
- {name: config, mountPath: /etc/tocsin/tocsin.toml, subPath: tocsin.toml, readOnly: true}
- {name: tmp, mountPath: /tmp}
- {name: state, mountPath: /var/lib/tocsin}
{{- if .Values.kafka.strimzi.enabled }}
- {name: kafka-ca, mountPath: /etc/tocsin/kafka-ca, readOnly: true}
- {name: kafka-user, mountPath: /etc/tocsin/kafka-user, readOnly: true}
{{- else if .Values.kafka.tlsSecret }}
- {name: kafka-user, mountPath: /etc/tocsin/kafka-user, readOnly: true}
{{- end }}
{{- end }}

{{/* Call with (list $ "part"): what only the screen mounts. */}}
{{- define "tocsin.ownMounts" -}}
{{- if and (eq (index . 1) "web") (index . 0).Values.web.sessionSecret }}
- {name: session, mountPath: /etc/tocsin/web, readOnly: true}
{{- end }}
{{- end }}

{{/* Call with (list $ "part"): each part has a Kafka user of its own. */}}
{{- define "tocsin.volumes" -}}
{{- $root := index . 0 -}}
- name: config
  configMap: {name: {{ include "tocsin.name" $root }}}
- name: tmp
  emptyDir: {sizeLimit: 256Mi}
- name: state
  emptyDir: {sizeLimit: 1Gi}
{{- if $root.Values.kafka.strimzi.enabled }}
- name: kafka-ca
  secret: {secretName: {{ $root.Values.kafka.strimzi.cluster }}-cluster-ca-cert}
- name: kafka-user
  secret: {secretName: {{ include "tocsin.name" $root }}-{{ index . 1 }}}
{{- else if $root.Values.kafka.tlsSecret }}
- name: kafka-user
  secret: {secretName: {{ $root.Values.kafka.tlsSecret }}}
{{- end }}
{{- if and (eq (index . 1) "web") $root.Values.web.sessionSecret }}
- name: session
  secret: {secretName: {{ $root.Values.web.sessionSecret }}}
{{- end }}
{{- end }}

{{- define "tocsin.probes" -}}
ports: [{name: metrics, containerPort: 9464}]
startupProbe:
  httpGet: {path: /health/ready, port: metrics}
  periodSeconds: 5
  failureThreshold: 60
readinessProbe:
  httpGet: {path: /health/ready, port: metrics}
  periodSeconds: 10
livenessProbe:
  httpGet: {path: /health/live, port: metrics}
  periodSeconds: 30
  timeoutSeconds: 5
{{- end }}

{{/* Brings tables and topics up to date before a part begins; harmless to run side by side. */}}
{{- define "tocsin.prepare" -}}
{{- range $words := list (list "store" "migrate") (list "topics" "create") }}
{{- if not (and (eq (first $words) "topics") $.Values.kafka.strimzi.enabled) }}
- name: {{ join "-" $words }}
  image: {{ include "tocsin.image" $ }}
  imagePullPolicy: {{ $.Values.image.pullPolicy }}
  args: {{ toJson $words }}
  env: {{- include "tocsin.environment" $ | nindent 4 }}
  securityContext: {{- include "tocsin.containerSecurity" $ | nindent 4 }}
  resources: {requests: {cpu: 50m, memory: 128Mi}, limits: {memory: 256Mi}}
  volumeMounts: {{- include "tocsin.mounts" $ | nindent 4 }}
{{- end }}
{{- end }}
{{- end }}

{{/* What all pods of a part have in common. Call with (list $ "part"). */}}
{{- define "tocsin.podCommon" -}}
{{- $root := index . 0 -}}
{{- $part := index . 1 -}}
serviceAccountName: {{ include "tocsin.name" $root }}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext: {{- include "tocsin.podSecurity" $root | nindent 2 }}
{{- with $root.Values.image.pullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $root.Values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $root.Values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $root.Values.affinity }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
{{- if $root.Values.topologySpread }}
topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: kubernetes.io/hostname
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels: {{- include "tocsin.selector" (list $root $part) | nindent 8 }}
{{- end }}
{{- end }}

{{/* A pod's metadata: a changed configuration rolls the pods. */}}
{{- define "tocsin.podMetadata" -}}
{{- $root := index . 0 -}}
labels: {{- include "tocsin.selector" . | nindent 2 }}
annotations:
  checksum/config: {{ include "tocsin.toml" $root | sha256sum }}
  {{- with $root.Values.podAnnotations }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}

{{/* The container of a part. Call with (list $ "part" (list "words")). */}}
{{- define "tocsin.container" -}}
{{- $root := index . 0 -}}
{{- $part := index . 1 -}}
- name: {{ $part }}
  image: {{ include "tocsin.image" $root }}
  imagePullPolicy: {{ $root.Values.image.pullPolicy }}
  args: {{ toJson (index . 2) }}
  env:
    {{- include "tocsin.environment" $root | nindent 4 }}
  securityContext: {{- include "tocsin.containerSecurity" $root | nindent 4 }}
  resources: {{- toYaml (index $root.Values $part).resources | nindent 4 }}
  volumeMounts:
    {{- include "tocsin.mounts" $root | nindent 4 }}
    {{- with include "tocsin.ownMounts" (list $root $part) | trim }}
    {{- . | nindent 4 }}
    {{- end }}
  {{- include "tocsin.probes" $root | nindent 2 }}
{{- end }}
