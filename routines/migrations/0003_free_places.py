from django.db import migrations

LISTS = (
    ("ExerciseMuscle", ("exercise_id", "role"), ("order", "pk")),
    # A shipped question keeps its place: moved, it would count as edited and miss the updates of the catalogue.
    ("ScreeningQuestion", ("checklist_id",), ("order", "-seed_hash", "pk")),
)


def free_places(apps, schema_editor):
    """What shares its place with another goes to the end of its list; nothing else moves."""
    for model, group, ordering in LISTS:
        lists = {}
        for row in apps.get_model("routines", model).objects.order_by(*ordering):
            lists.setdefault(tuple(getattr(row, name) for name in group), []).append(row)
        for rows in lists.values():
            last, taken = rows[-1].order, set()
            for row in rows:
                if row.order in taken:
                    last += 1
                    row.order = last
                    row.save(update_fields=["order"])
                taken.add(row.order)


class Migration(migrations.Migration):

    dependencies = [
        ('routines', '0002_program_key'),
    ]

    operations = [
        migrations.RunPython(free_places, migrations.RunPython.noop),
    ]
