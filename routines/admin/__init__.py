"""The workshop in the therapist's workplace: muscles and patterns, exercises, safety, programs."""

from routines.admin import anatomy, exercises, programs, screening

__all__ = ["anatomy", "exercises", "programs", "screening"]
