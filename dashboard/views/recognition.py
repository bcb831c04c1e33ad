"""Recognition: curves, by crop, by group, and person by person."""

import charts
import choose
import words
from data import numbers, standing
from parts import recognition

PARTS = {
    "Curves": recognition.curves,
    "By crop": recognition.crops,
    "By group": recognition.groups,
    "Person by person": recognition.persons,
}

dataset, crop = choose.dataset_and_crop()
clean = numbers.metrics(dataset=dataset, crop=crop, **numbers.CLEAN)
question = standing.first(clean, "identify", "neighbour", "view2", "verify", "open_set", "name")
ranked = list(standing.answers(clean, question).model)
models = choose.several("models", "Models", ranked, ranked[: len(charts.COLOURS)])
show_part = PARTS[choose.part("part", list(PARTS))]
show_part(
    standing.View(
        dataset=dataset,
        crop=crop,
        models=models,
        clean=clean[clean.model.isin(models)],
        question=question,
        file=words.file_name(dataset, crop),
    )
)
