"""Chat models behind the OpenAI interface: OpenAI, Azure, vLLM, Ollama, llama.cpp and the like."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import aclosing, contextmanager
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from agents.models.attempts import Attempts
from agents.models.chat import Description, Message, Reply
from agents.models.forms import FORMS, Form, asked, native
from agents.models.hosted import Facts, HostedModel
from agents.models.known_forms import Known, KnownForms
from agents.models.linking import DataLinks, Links
from agents.models.openai_replies import UNREADABLE, count, read_json, reply_of
from agents.models.probing import FailedInside, FormRefused, probed
from agents.models.protocol import Meter
from agents.models.showing import sites_text
from agents.models.streamed_text import StreamedText
from erp_adapters.breaker import Breaker
from erp_adapters.errors import ModelError, ModelUnavailable
from policies.egress import EgressPolicy

if TYPE_CHECKING:
    import httpx2

_FORM_REFUSED = frozenset({400, 405, 415, 422, 501})
_TOO_LONG = "context_length_exceeded"
_UNREACHED = "its endpoint cannot be reached or broke off"

_ANYTHING: TypeAdapter[object] = TypeAdapter(object)


class OpenAIModel(HostedModel):
    """A model behind an OpenAI-compatible endpoint.

    Args:
        model: the model's name at the endpoint.
        api_key: sent to the endpoint and to nobody else; any text where the endpoint asks for none.
        base_url: the endpoint, such as `http://localhost:11434/v1`; OpenAI's own where it is None.
        form: how it is asked for tool calls; None finds out at the first question.
        known: what was found out before.
        timeout_s: longest silence of the endpoint.
        deadline_s: longest time for one reply, with all attempts.
        attempts: attempts in all, for 429, 5xx and lost connections; `Retry-After` is honoured.
    """

    def __init__(
        self,
        model: str,
        api_key: str,
        base_url: str | None = None,
        *,
        form: Form | None = None,
        known: KnownForms | None = None,
        timeout_s: float = 20.0,
        deadline_s: float = 40.0,
        attempts: int = 3,
        facts: Facts = sites_text,
        links: Links | None = None,
        breaker: Breaker | None = None,
        egress: EgressPolicy | None = None,
    ) -> None:
        endpoint = OpenAIEndpoint(
            model,
            api_key,
            base_url,
            form=form,
            known=known or KnownForms(),
            timeout_s=timeout_s,
            deadline_s=deadline_s,
            attempts=attempts,
        )
        super().__init__(endpoint, facts=facts, links=links or DataLinks(), breaker=breaker, egress=egress)
        self.close = endpoint.close


class OpenAIEndpoint:
    """`ChatEndpoint` over the OpenAI SDK, which backs off with jitter and honours `Retry-After`."""

    def __init__(
        self,
        model: str,
        api_key: str,
        base_url: str | None,
        *,
        form: Form | None,
        known: KnownForms,
        timeout_s: float,
        deadline_s: float,
        attempts: int,
    ) -> None:
        self._model = model
        self._key, self._base_url = api_key, base_url
        self._form, self._known = form, known
        self._timeout_s, self._deadline_s, self._attempts = timeout_s, deadline_s, attempts
        self._way: Attempts | None = None
        self._probing = asyncio.Lock()
        self._described: tuple[Sequence[Description], bytes] | None = None

    @property
    def name(self) -> str:
        return f"openai:{self._model}"

    async def reply(self, messages: Sequence[Message], tools: Sequence[Description], meter: Meter) -> Reply:
        known = await self._found(meter)
        while True:
            try:
                return await self._asked(known.form, messages, tools, meter, self._attempts)
            except FormRefused:
                following = FORMS[FORMS.index(known.form) + 1 :]
                if self._form is not None or not following:
                    raise
                known = self._learn(known.model_copy(update={"form": following[0]}))

    async def _found(self, meter: Meter) -> Known:
        """What the endpoint takes: as it is set, as it is known, or as it shows when it is tried."""
        known = self._known.get(self._place, self._model)
        if self._form is not None:
            return Known(form=self._form, counts_streams=known.counts_streams if known else True)
        if known is not None:
            return known
        async with self._probing:
            known = self._known.get(self._place, self._model)
            if known is not None:
                return known

            async def ask(form: Form, messages: tuple[Message, ...], tools: tuple[Description, ...]) -> Reply:
                return await self._asked(form, messages, tools, meter, min(self._attempts, 2))

            found = await probed(ask)
            return self._learn(Known(form=found.form), keep=found.surely)

    def _learn(self, known: Known, *, keep: bool = True) -> Known:
        self._known.learn(self._place, self._model, known, keep=keep)
        return known

    @property
    def _place(self) -> str:
        return self._base_url or ""

    async def _asked(
        self,
        form: Form,
        messages: Sequence[Message],
        tools: Sequence[Description],
        meter: Meter,
        attempts: int,
    ) -> Reply:
        with _translated():
            async with asyncio.timeout(self._deadline_s):
                body = self._body(form, messages, tools)
                completion = await self._connected().post(body, stream=False, attempts=attempts)
        response = read_json(completion.content)
        written = "".join(choice.message.content or "" for choice in response.choices)
        count(meter, response.usage, messages, written)
        return reply_of(response, form)

    def _body(self, form: Form, messages: Sequence[Message], tools: Sequence[Description]) -> bytes:
        """What is sent; the tools' schemas, nearly all of it, are the same in each turn and written once."""
        if form not in ("tools", "offered"):
            return _json({"model": self._model, **asked(form, messages, tools)})
        sent = {"model": self._model, **asked(form, messages, ())}
        # By identity: the last ones are those of everybody with the same roles.
        if self._described is None or self._described[0] is not tools:
            self._described = tools, _json(asked(form, (), tools)["tools"])
        del sent["tools"]
        return _json(sent)[:-1] + b',"tools":' + self._described[1] + b"}"

    async def write(self, messages: Sequence[Message], meter: Meter) -> AsyncIterator[str]:
        reply: StreamedText | None = None
        try:
            with _translated():
                async with asyncio.timeout(self._deadline_s):
                    response = await self._stream(messages)
                async with aclosing(response):
                    reply = StreamedText(response.aiter_bytes())
                    end = asyncio.get_running_loop().time() + self._deadline_s
                    while True:
                        # Around each part: one around a generator would be torn apart by its consumer.
                        async with asyncio.timeout_at(end):
                            text = await reply.following()
                        if not text:
                            break
                        yield text
        finally:
            # What broke off has been paid for as well.
            if reply is not None:
                count(meter, reply.usage, messages, reply.written)
        if reply.finished != "stop":
            raise ModelUnavailable("its text was cut off")

    async def _stream(self, messages: Sequence[Message]) -> httpx2.Response:
        sent = {"model": self._model, "messages": [native(message) for message in messages], "stream": True}
        known = self._known.get(self._place, self._model)
        if known is not None and not known.counts_streams:
            return await self._streamed(sent)
        try:
            with _translated():
                return await self._streamed({**sent, "stream_options": {"include_usage": True}})
        except FormRefused:
            response = await self._streamed(sent)
            known = known or Known(form=self._form or FORMS[0])
            self._learn(known.model_copy(update={"counts_streams": False}))
            return response

    async def _streamed(self, sent: dict[str, Any]) -> httpx2.Response:
        return await self._connected().post(_json(sent), stream=True)

    def _connected(self) -> Attempts:
        if self._way is None:
            self._way = Attempts(self._key, self._base_url, self._timeout_s, self._attempts)
        return self._way

    async def close(self) -> None:
        """Close the connections to the endpoint."""
        if self._way is not None:
            await self._way.close()


@contextmanager
def _translated() -> Iterator[None]:
    """Errors of the SDK leave the block as `ModelError`s in words of ours: theirs may quote the endpoint."""
    import httpx2
    import openai

    try:
        yield
    except (TimeoutError, openai.APITimeoutError, httpx2.TimeoutException) as error:
        raise ModelUnavailable("it did not answer in time" if _is_late(error) else _UNREACHED) from error
    except openai.RateLimitError as error:
        raise ModelUnavailable("it is overloaded or its quota is used up") from error
    except openai.InternalServerError as error:
        if error.status_code == 501:
            raise FormRefused(_refused(error.status_code)) from error
        if error.status_code == 500:
            # llama.cpp reports so what it was not started with.
            raise FailedInside("it failed on its side") from error
        raise ModelUnavailable("it failed on its side") from error
    except (openai.AuthenticationError, openai.PermissionDeniedError) as error:
        raise ModelError("it refused the API key") from error
    except openai.NotFoundError as error:
        raise ModelError("its endpoint does not know the model or the address") from error
    except openai.APIStatusError as error:
        if error.status_code in _FORM_REFUSED and error.code != _TOO_LONG:
            raise FormRefused(_refused(error.status_code)) from error
        raise ModelError(_refused(error.status_code)) from error
    except (openai.APIConnectionError, httpx2.RequestError) as error:
        raise ModelUnavailable(_UNREACHED) from error
    except (openai.OpenAIError, json.JSONDecodeError) as error:
        raise ModelError(UNREADABLE) from error


def _is_late(error: BaseException) -> bool:
    """False where a connection failed at once: the SDK's transport calls that a timeout too."""
    import aiohttp

    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, aiohttp.ClientError):
        cause = cause.__cause__
    return cause is None or isinstance(cause, TimeoutError)


def _json(value: object) -> bytes:
    # A third of the time of the standard library's, of what is sent with each of a turn's requests.
    return _ANYTHING.dump_json(value)


def _refused(status: int) -> str:
    return f"its endpoint refused the request (status {status})"
