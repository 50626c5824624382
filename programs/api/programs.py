"""Programs: found and read by staff, made and changed by the clinic's therapists."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from clinics.actors import Actor
from clinics.http import STAFF, THERAPISTS, StaffView, answer
from clinics.openapi import operation
from core.pagination import Listing
from programs import examples, own_examples
from programs.actions.own_programs import (
    copy_program,
    create_program,
    publish_program_version,
    restore_program,
    retire_program,
)
from programs.actions.reviews import review_program
from programs.bodies import (
    CopyOrder,
    NewProgram,
    NextProgram,
    ProgramOut,
    ProgramQuery,
    ProgramSummary,
    ReviewOrder,
)
from programs.presenters import program_out, program_summary
from programs.reading import program_found, programs_found


class ProgramsView(StaffView):
    access: ClassVar = {"get": STAFF, "post": THERAPISTS}

    @operation(
        summary="List and search programs",
        description="The programs of the platform and of the clinic, by name; those in use, unless "
        "`retired` says otherwise.",
        query=ProgramQuery,
        answers={200: Listing[ProgramSummary]},
        examples={200: examples.PROGRAMS},
    )
    def get(self, request: Request) -> Response:
        page = programs_found(self.query(ProgramQuery), who=self.actor)
        shown = [program_summary(program) for program in page.items]
        return answer(Listing[ProgramSummary](results=shown, next=page.next_cursor))

    @operation(
        summary="Make a program of the clinic's own",
        description="The same body with the same `key` again answers 200 with what it made. A dose "
        "outside the usual range and an exercise twice on one side are asked about (409) and done "
        "once in `confirm`.",
        body=NewProgram,
        answers={201: ProgramOut, 200: ProgramOut},
        problems=(409,),
        examples={
            "body": own_examples.NEW_PROGRAM,
            201: own_examples.OWN_PROGRAM,
            200: own_examples.OWN_PROGRAM,
        },
    )
    def post(self, request: Request) -> Response:
        asked = self.body(NewProgram)
        program, is_new = create_program(
            key=asked.key, order=asked, confirm=asked.confirm, by=self.actor, now=self.now
        )
        return answer(shown_program(program.pk, self.actor), status=201 if is_new else 200)


class ProgramView(StaffView):
    access: ClassVar = {"get": STAFF}

    @operation(
        summary="Read a program",
        description="Its current version, with the dose, side and schedule of each exercise.",
        answers={200: ProgramOut},
        examples={200: examples.PROGRAM},
    )
    def get(self, request: Request, program_id: UUID) -> Response:
        return answer(shown_program(program_id, self.actor))


class ProgramVersionsView(StaffView):
    access: ClassVar = {"post": THERAPISTS}

    @operation(
        summary="Publish the next version of a program of the clinic's own",
        description="The whole program as it is from now on; what was prescribed from it stays. "
        "`replaces` is the version that was read: 409 `stale` where there is a newer one.",
        body=NextProgram,
        answers={200: ProgramOut},
        problems=(409,),
        examples={"body": own_examples.NEXT_PROGRAM, 200: own_examples.OWN_PROGRAM_SECOND},
    )
    def post(self, request: Request, program_id: UUID) -> Response:
        asked = self.body(NextProgram)
        publish_program_version(
            program_id=program_id,
            replaces=asked.replaces,
            order=asked,
            confirm=asked.confirm,
            by=self.actor,
            now=self.now,
        )
        return answer(shown_program(program_id, self.actor))


class CopyProgramView(StaffView):
    access: ClassVar = {"post": THERAPISTS}

    @operation(
        summary="Copy a program into one of the clinic's own",
        description="Shared or own, its current version. The same `key` again answers 200.",
        body=CopyOrder,
        answers={201: ProgramOut, 200: ProgramOut},
        problems=(409,),
        examples={
            "body": own_examples.COPY_PROGRAM,
            201: own_examples.COPIED_PROGRAM,
            200: own_examples.COPIED_PROGRAM,
        },
    )
    def post(self, request: Request, program_id: UUID) -> Response:
        asked = self.body(CopyOrder)
        program, is_new = copy_program(
            program_id=program_id,
            key=asked.key,
            name=asked.name or "",
            by=self.actor,
            now=self.now,
        )
        return answer(shown_program(program.pk, self.actor), status=201 if is_new else 200)


class RetireProgramView(StaffView):
    access: ClassVar = {"post": THERAPISTS}

    @operation(
        summary="Retire a program of the clinic's own",
        description="It is offered and prescribed no longer; what was prescribed from it stays.",
        answers={200: ProgramOut},
        examples={200: own_examples.RETIRED_PROGRAM},
    )
    def post(self, request: Request, program_id: UUID) -> Response:
        retire_program(program_id=program_id, by=self.actor, now=self.now)
        return answer(shown_program(program_id, self.actor))


class RestoreProgramView(StaffView):
    access: ClassVar = {"post": THERAPISTS}

    @operation(
        summary="Take a retired program of the clinic's own back into use",
        answers={200: ProgramOut},
        examples={200: own_examples.OWN_PROGRAM},
    )
    def post(self, request: Request, program_id: UUID) -> Response:
        restore_program(program_id=program_id, by=self.actor, now=self.now)
        return answer(shown_program(program_id, self.actor))


class ReviewProgramView(StaffView):
    access: ClassVar = {"post": THERAPISTS}

    @operation(
        summary="Say that you reviewed the current version of a program of the clinic's own",
        description="A new version is a draft again. 409 `stale` where `version` is not current.",
        body=ReviewOrder,
        answers={200: ProgramOut},
        problems=(409,),
        examples={"body": own_examples.REVIEW, 200: own_examples.REVIEWED_PROGRAM},
    )
    def post(self, request: Request, program_id: UUID) -> Response:
        asked = self.body(ReviewOrder)
        review_program(
            program_id=program_id,
            version=asked.version,
            status=asked.status,
            note=asked.note,
            by=self.actor,
            now=self.now,
        )
        return answer(shown_program(program_id, self.actor))


def shown_program(program_id: UUID, who: Actor) -> ProgramOut:
    """
    Return a program as it is now.

    :raises NotFound: there is none that this actor may see
    """
    return program_out(program_found(program_id, who=who))
