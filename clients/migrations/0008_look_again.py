from django.db import migrations


def look_at_everybody_again(apps, schema_editor):
    """Nothing is written of who needs somebody yet: the clock comes to every running program as if nobody had looked today."""
    apps.get_model("clients", "Assignment").objects.filter(ended_on__isnull=True).update(evaluated_on=None)


class Migration(migrations.Migration):
    dependencies = [
        ("clients", "0007_workplace"),
    ]

    operations = [
        migrations.RunPython(look_at_everybody_again, migrations.RunPython.noop, elidable=True),
    ]
