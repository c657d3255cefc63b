"""The words of other people's collections and what they are called here.

A word that stands in no table is named in the report; it is never guessed. Some words mean a group of muscles: then
the whole group is proposed, and whoever reviews the exercise takes out what does not fit.
"""

from __future__ import annotations

from routines.models import ExerciseKind

Table = dict[str, tuple[str, ...]]

OPEN_MUSCLES: Table = {
    "abdominals": ("rectus_abdominis",),
    "abductors": ("gluteus_medius", "gluteus_minimus"),
    "adductors": ("hip_adductors",),
    "biceps": ("biceps_brachii",),
    "calves": ("gastrocnemius", "soleus"),
    "chest": ("pectoralis_major",),
    "glutes": ("gluteus_maximus",),
    "hamstrings": ("biceps_femoris", "medial_hamstrings"),
    "hip flexors": ("iliopsoas", "rectus_femoris"),
    "lats": ("latissimus_dorsi",),
    "lower back": ("lumbar_erector_spinae",),
    "middle back": ("rhomboids", "middle_trapezius"),
    "quadriceps": ("rectus_femoris", "vastus_lateralis", "vastus_medialis"),
    "shoulders": ("anterior_deltoid", "posterior_deltoid"),
    "traps": ("upper_trapezius",),
    "triceps": ("triceps_brachii",),
}
OPEN_EQUIPMENT: Table = {
    "body only": (),
    "bands": ("resistance_band",),
    "dumbbell": ("light_weight",),
    "foam roll": ("foam_roller",),
}
OPEN_KINDS = {"strength": ExerciseKind.STRENGTHEN, "stretching": ExerciseKind.RELEASE_STRETCH}
OPEN_LEVELS = {"beginner": 1, "intermediate": 3, "expert": 5}

WGER_MUSCLES: Table = {
    "anterior deltoid": ("anterior_deltoid",),
    "biceps brachii": ("biceps_brachii",),
    "biceps femoris": ("biceps_femoris",),
    "erector spinae": ("lumbar_erector_spinae", "thoracic_erector_spinae"),
    "gastrocnemius": ("gastrocnemius",),
    "gluteus maximus": ("gluteus_maximus",),
    "latissimus dorsi": ("latissimus_dorsi",),
    "obliquus externus abdominis": ("obliques",),
    "pectoralis major": ("pectoralis_major",),
    "quadriceps femoris": ("rectus_femoris", "vastus_lateralis", "vastus_medialis"),
    "rectus abdominis": ("rectus_abdominis",),
    "serratus anterior": ("serratus_anterior",),
    "soleus": ("soleus",),
    "trapezius": ("upper_trapezius", "middle_trapezius", "lower_trapezius"),
    "triceps brachii": ("triceps_brachii",),
}
WGER_EQUIPMENT: Table = {
    "dumbbell": ("light_weight",),
    "gym mat": ("mat",),
    "none (bodyweight exercise)": (),
    "resistance band": ("resistance_band",),
}
# Its categories are parts of the body that are trained. “Cardio” is no kind of ours.
WGER_KINDS = dict.fromkeys(
    ("abs", "arms", "back", "calves", "chest", "legs", "shoulders"), ExerciseKind.STRENGTHEN
)
WGER_LICENCES = {
    "CC-BY-SA 3": "CC BY-SA 3.0",
    "CC-BY-SA 4": "CC BY-SA 4.0",
    "CC-BY 4": "CC BY 4.0",
    "CC0": "CC0 1.0",
    "ODbL": "ODbL 1.0",
}
