# The recipe of the shipped English model. Included by the Makefile; see training/README.md.
#
#   make model DATA=/path/to/data [BUILD=build/model] [JOBS=2]
#
# DATA holds one folder per data set (training/README.md lists them with addresses and licences); none is in the repository.

BUILD ?= build/model
MODEL_PYTHON ?= .venv/bin/python
MODEL_DIR = pipeline/text/model/tocsin_en
SPACY_TRAIN = OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(MODEL_PYTHON) -m spacy train

.PHONY: model model-check model-transfer

model: model-check $(BUILD)/syntax/model-best $(BUILD)/entities/model-best $(BUILD)/sentences/model-best  ## Train the English model anew (DATA=…)
	$(MODEL_PYTHON) -m training.assemble $(DATA) $(BUILD)/sentences/model-best $(BUILD)/entities/model-best $(BUILD)/syntax/model-best $(MODEL_DIR)
	$(MODEL_PYTHON) -m training.score $(MODEL_DIR) $(BUILD)/corpora

model-check:
	@test -n "$(DATA)" || { echo "make model needs DATA=<folder with treebank, gmb, wikigold, wnut17, btc, uner-ewt, annoctr, cyner>; training/README.md says where each comes from"; exit 2; }
	@for set in treebank gmb wikigold wnut17 btc uner-ewt annoctr cyner; do test -d "$(DATA)/$$set" || { echo "no folder $(DATA)/$$set; training/README.md says where it comes from"; exit 2; }; done
	@$(MODEL_PYTHON) -c "import spacy_lookups_data" 2>/dev/null || { echo "make model needs the lemma tables: uv pip install spacy-lookups-data==1.0.5"; exit 2; }

$(BUILD)/corpora/syntax/train.spacy: training/treebank.py
	$(MODEL_PYTHON) -m training.treebank $(DATA)/treebank $(@D)

$(BUILD)/corpora/entities/train.spacy: training/entities.py training/entity_sets.py training/harmonise.py training/names.py
	$(MODEL_PYTHON) -m training.entities $(DATA) $(@D)

$(BUILD)/%/model-best: training/configs/%.cfg training/fast_ops.py $(BUILD)/corpora/syntax/train.spacy $(BUILD)/corpora/entities/train.spacy
	$(SPACY_TRAIN) $< --code training/fast_ops.py --output $(@D) \
	  --paths.train $(BUILD)/corpora/$(if $(filter entities,$*),entities,syntax)/train.spacy \
	  --paths.dev $(BUILD)/corpora/$(if $(filter entities,$*),entities,syntax)/dev.spacy

TRANSFER_STEPS ?= 800
TRANSFER = $(BUILD)/transfer

model-transfer: model-check  ## Measure the entity recognizer on sets it was not trained on (DATA=…)
	$(MODEL_PYTHON) -m training.transfer prepare $(DATA) $(TRANSFER)
	for run in gmb-only without-wikigold without-uner-ewt without-wnut17; do \
	  $(SPACY_TRAIN) training/configs/entities.cfg --code training/fast_ops.py --output $(TRANSFER)/$$run/model \
	    --paths.train $(TRANSFER)/$$run/train.spacy --paths.dev $(TRANSFER)/$$run/dev.spacy \
	    --training.max_steps $(TRANSFER_STEPS) --training.optimizer.learn_rate.total_steps $(TRANSFER_STEPS) || exit 1; \
	done
	$(MODEL_PYTHON) -m training.transfer score $(TRANSFER)
