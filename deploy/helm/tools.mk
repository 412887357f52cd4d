# Tools that check the chart, built from their own modules at fixed versions into the cache; nothing else of the project needs them.

TOOLS := $(HOME)/.cache/tocsin/tools
HELM_VERSION := v3.22.0
CRD_MODULES := github.com/cloudnative-pg/cloudnative-pg@v1.27.0 github.com/kedacore/keda/v2@v2.17.0 \
	github.com/prometheus-operator/prometheus-operator@v0.85.0
CRDS := postgresql.cnpg.io_clusters keda.sh_scaledobjects monitoring.coreos.com_podmonitors monitoring.coreos.com_prometheusrules

.PHONY: chart-tools
chart-tools: $(TOOLS)/helm $(TOOLS)/crds/.made

$(TOOLS)/helm:
	@command -v go >/dev/null || { echo "Go is needed to build helm: https://go.dev/dl, or your system's package" >&2; exit 1; }
	@echo "Building helm $(HELM_VERSION) (some minutes)"
	@GOBIN=$(TOOLS) go install helm.sh/helm/v3/cmd/helm@$(HELM_VERSION)

$(TOOLS)/crds/.made:
	@command -v go >/dev/null || { echo "Go is needed to fetch the definitions" >&2; exit 1; }
	@mkdir -p $(TOOLS)/crds
	@for module in $(CRD_MODULES); do \
		go mod download $$module || exit 1; folder=$$(go env GOMODCACHE)/$$module; \
		for crd in $(CRDS); do find $$folder -name $$crd.yaml -path '*crd*' | head -1 | xargs -r -I{} install -m 644 {} $(TOOLS)/crds/; done; \
	done
	@touch $@
