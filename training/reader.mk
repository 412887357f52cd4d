# The recipe of the learned reader. Included by the Makefile; docs/reading.md has its figures.
#
#   make reader DATA=/path/to/data           figures by folds, then pipeline/text/reader/data/reader.npz anew (four minutes of two cores)
#   make reader-figures DATA=/path/to/data   the figures alone
#   make reader-risk DATA=/path/to/data      and how much is right from each chance on
#   make incidents                           what tells incidents apart anew: weights of pairs and relations (needs no DATA; LEXICON=/path/to/data counts the words anew)
#
# DATA holds the folder `gmb` with ner_dataset.csv.zip, whose sentences the annotations of training/reports/voa point into.

READER = OMP_NUM_THREADS=2 $(BIN)/python -m training.reader --data $(DATA)/gmb


INCIDENTS_GOLD = --gold tests/gold/incidents_dev.jsonl --gold tests/gold/incidents_more.jsonl

.PHONY: incidents
incidents: $(VENV)/.dev-installed
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --require-hashes -r requirements/reader.lock
	$(BIN)/python -m training.incidents.relations $(INCIDENTS_GOLD)
	$(BIN)/python -m training.incidents $(INCIDENTS_GOLD) $(if $(LEXICON),--lexicon $(LEXICON))

.PHONY: reader reader-figures reader-risk reader-check

reader: reader-check
	$(READER)

reader-figures: reader-check
	$(READER) --figures-only

reader-risk: reader-check
	$(READER) --figures-only --risk

reader-check: $(VENV)/.dev-installed
	@test -f "$(DATA)/gmb/ner_dataset.csv.zip" || { echo "make reader needs DATA=<folder with gmb/ner_dataset.csv.zip>; training/README.md says where it comes from"; exit 2; }
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --require-hashes -r requirements/reader.lock
