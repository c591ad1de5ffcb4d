"""The REST API: one table of operations, from which the routes and the OpenAPI document are made."""

from __future__ import annotations

import hmac
import inspect
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from v2x_architecture.ocpp.csms import views
from v2x_architecture.ocpp.csms.config import TokenSpec
from v2x_architecture.ocpp.csms.errors import CsmsError, InvalidPolicy, NotPossible, UnknownStation
from v2x_architecture.ocpp.csms.openapi import document
from v2x_architecture.ocpp.csms.operation import Operation
from v2x_architecture.ocpp.csms.policies import BootPolicy
from v2x_architecture.ocpp.csms.tables import Station
from v2x_architecture.ocpp.csms.tokens import find_token
from v2x_architecture.ocpp.errors import LocalProtocolError, OcppError

if TYPE_CHECKING:
    from v2x_architecture.ocpp.csms.csms import ReferenceCsms

_PROBLEM = "application/problem+json"


class CallRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A CALL to send; `override` sends it whatever the station's registration and the schema say."""

    action: str
    payload: dict[str, Any] = {}
    override: bool = False


class CallFailure(msgspec.Struct, frozen=True, kw_only=True):
    """Code and description of the CALLERROR; or ``NotConnected``, ``CallTimeout``, ``InvalidResponse``."""

    code: str
    description: str


class CallAnswer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What came of a CALL: the payload of the CALLRESULT, or an error."""

    result: dict[str, Any] | None = None
    error: CallFailure | None = None


class PolicyValue(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The value of a policy."""

    value: Any


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """What went wrong (RFC 9457)."""

    title: str
    status: int
    detail: str
    type: str = "about:blank"


def application(csms: ReferenceCsms) -> Starlette:
    """Make the ASGI application of a CSMS."""
    text = msgspec.json.encode(document(OPERATIONS, Problem, secured=csms.config.rest_token is not None))

    async def describe(_: Request) -> Response:
        return Response(text, media_type="application/json")

    routes = [Route("/openapi.json", describe, methods=["GET"])]
    routes += [Route(operation.path, _endpoint(csms, operation), methods=[operation.method]) for operation in OPERATIONS]
    handlers = {HTTPException: _http_problem, Exception: _crash}
    return Starlette(routes=routes, exception_handlers=handlers)


def _endpoint(csms: ReferenceCsms, operation: Operation[ReferenceCsms]) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        if not _authorized(csms, request):
            response = _problem(HTTPStatus.UNAUTHORIZED, "a bearer token is needed")
            response.headers["WWW-Authenticate"] = "Bearer"
            return response
        try:
            result = await operation.work(csms, request)
        except (msgspec.DecodeError, InvalidPolicy, LocalProtocolError) as error:
            return _problem(HTTPStatus.UNPROCESSABLE_ENTITY, str(error))
        except UnknownStation as error:
            return _problem(HTTPStatus.NOT_FOUND, str(error))
        except CsmsError as error:
            return _problem(HTTPStatus.CONFLICT, str(error))
        except OcppError as error:
            return _problem(HTTPStatus.BAD_GATEWAY, str(error))
        if operation.gives is None:
            return Response(status_code=HTTPStatus.NO_CONTENT)
        return Response(msgspec.json.encode(result), media_type="application/json")

    return endpoint


def _authorized(csms: ReferenceCsms, request: Request) -> bool:
    token = csms.config.rest_token
    given = request.headers.get("Authorization", "")
    return token is None or hmac.compare_digest(given.encode(), f"Bearer {token}".encode())


def _problem(status: HTTPStatus, detail: str) -> Response:
    problem = Problem(title=status.phrase, status=status, detail=detail)
    return Response(msgspec.json.encode(problem), status, media_type=_PROBLEM)


async def _http_problem(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    response = _problem(HTTPStatus(error.status_code), error.detail)
    response.headers.update(error.headers or {})
    return response


async def _crash(_: Request, error: Exception) -> Response:
    return _problem(HTTPStatus.INTERNAL_SERVER_ERROR, f"{type(error).__name__}; the log has the rest")


def _page(request: Request) -> views.Page:
    page = msgspec.convert({k: v for k, v in request.query_params.items() if k in {"limit", "offset"}}, views.Page, strict=False)
    if not (0 < page.limit <= 1000 and page.offset >= 0):
        raise msgspec.ValidationError("limit is 1 to 1000, offset not negative")
    return page


async def _body[T](request: Request, type_: type[T]) -> T:
    return msgspec.json.decode(await request.body(), type=type_)


def _found[T](value: T | None, what: str) -> T:
    if value is None:
        raise HTTPException(HTTPStatus.NOT_FOUND, f"no such {what}")
    return value


# The operations


async def list_stations(csms: ReferenceCsms, request: Request) -> list[views.StationView]:
    """List stations."""
    page = _page(request)
    return await csms.store.run(lambda db: views.stations(db, csms.sessions, page))


async def get_station(csms: ReferenceCsms, request: Request) -> views.StationView:
    """Show a station."""
    identity = request.path_params["station"]
    return _found(await csms.store.run(lambda db: views.station(db, csms.sessions, identity)), "station")


async def forget_station(csms: ReferenceCsms, request: Request) -> None:
    """Forget a station."""
    await csms.forget(request.path_params["station"])


async def call_station(csms: ReferenceCsms, request: Request) -> CallAnswer:
    """Send a CALL."""
    call = await _body(request, CallRequest)
    answer = await csms.call(request.path_params["station"], call.action, call.payload, override=call.override)
    return msgspec.convert(answer, CallAnswer)


async def disconnect_station(csms: ReferenceCsms, request: Request) -> None:
    """Close a station's connection."""
    await csms.disconnect(request.path_params["station"])


async def set_boot(csms: ReferenceCsms, request: Request) -> None:
    """Say how its next boots are answered."""
    csms.policies.set_boot(request.path_params["station"], await _body(request, BootPolicy))


class TransactionFilter(msgspec.Struct, frozen=True):
    """Which transactions."""

    station: str | None = None
    active: bool | None = None


async def list_transactions(csms: ReferenceCsms, request: Request) -> list[views.TransactionView]:
    """List transactions."""
    page, wanted = _page(request), msgspec.convert(dict(request.query_params), TransactionFilter, strict=False)
    return await csms.store.run(lambda db: views.transactions(db, wanted.station, active=wanted.active, page=page))


async def get_transaction(csms: ReferenceCsms, request: Request) -> views.TransactionView:
    """Show a transaction."""
    number = request.path_params["number"]
    return _found(await csms.store.run(lambda db: views.transaction(db, number)), "transaction")


async def list_tokens(csms: ReferenceCsms, request: Request) -> list[TokenSpec]:
    """List identifiers."""
    page = _page(request)
    return await csms.store.run(lambda db: views.tokens(db, page))


async def get_token(csms: ReferenceCsms, request: Request) -> TokenSpec:
    """Show an identifier."""
    id_token = request.path_params["id_token"]
    return views.token_spec(_found(await csms.store.run(lambda db: find_token(db, id_token)), "identifier"))


async def put_token(csms: ReferenceCsms, request: Request) -> None:
    """Make an identifier known, or known otherwise."""
    known = await _body(request, dict[str, Any])
    await csms.set_token(**(known | {"id_token": request.path_params["id_token"]}))


async def delete_token(csms: ReferenceCsms, request: Request) -> None:
    """Forget an identifier."""
    if not (await csms.remove_token(request.path_params["id_token"]))["known"]:
        raise HTTPException(HTTPStatus.NOT_FOUND, "no such identifier")


async def put_policy(csms: ReferenceCsms, request: Request) -> None:
    """Put a policy in force."""
    await csms.set_policy(request.path_params["name"], (await _body(request, PolicyValue)).value)


async def do_verb(csms: ReferenceCsms, request: Request) -> dict[str, Any]:
    """Do what an operator's verb says; its arguments are the members of the body."""
    verb = request.path_params["verb"]
    if verb not in csms.verbs:
        raise HTTPException(HTTPStatus.NOT_FOUND, f"there is no verb {verb!r}; one of {', '.join(csms.verbs)}")
    arguments = await _body(request, dict[str, Any])
    method = getattr(csms, verb)
    try:
        inspect.signature(method).bind(**arguments)
    except TypeError as error:
        raise msgspec.ValidationError(f"{verb}: {error}") from None
    try:
        result: dict[str, Any] = await method(**arguments)
    except UnknownStation as error:
        raise NotPossible(str(error)) from error  # 404 would say that there is no such verb
    return result


_PAGE = ("limit", "offset")
_S = "/stations/{station}"


def _listing(name: str, view: Callable[..., Awaitable[Any]], gives: Any, summary: str) -> Operation[ReferenceCsms]:
    """Return the operation that lists something of a station."""

    async def work(csms: ReferenceCsms, request: Request) -> Any:
        identity, page = request.path_params["station"], _page(request)
        _found(await csms.store.run(lambda db: db.get(Station, identity)), "station")
        return await csms.store.run(lambda db: view(db, identity, page))

    return Operation("GET", f"{_S}/{name}", work, summary, gives=gives, query=_PAGE)


OPERATIONS: tuple[Operation[ReferenceCsms], ...] = (
    Operation("GET", "/stations", list_stations, "List stations", gives=list[views.StationView], query=_PAGE),
    Operation("GET", _S, get_station, "Show a station", gives=views.StationView),
    Operation("DELETE", _S, forget_station, "Forget all about a station"),
    Operation("POST", f"{_S}/calls", call_station, "Send a CALL to a station", CallRequest, CallAnswer),
    Operation("POST", f"{_S}/disconnect", disconnect_station, "Close a station's connection"),
    Operation("PUT", f"{_S}/boot", set_boot, "Say how its next BootNotifications are answered", BootPolicy),
    _listing("variables", views.variables, list[views.VariableView], "List its variables or configuration keys"),
    _listing("charging-profiles", views.profiles, list[views.ProfileView], "List its charging profiles"),
    _listing("local-list", views.local_list, list[views.LocalListEntryView], "List its local authorization list"),
    _listing("notifications", views.notifications, list[views.NotificationView], "List what it told: security events, …"),
    _listing("meter-values", views.meter_values, list[views.MeterValueView], "List its meter values"),
    Operation(
        "GET",
        "/transactions",
        list_transactions,
        "List transactions, the latest first",
        gives=list[views.TransactionView],
        query=("station", "active", *_PAGE),
    ),
    Operation("GET", "/transactions/{number:int}", get_transaction, "Show a transaction", gives=views.TransactionView),
    Operation("GET", "/tokens", list_tokens, "List identifiers", gives=list[TokenSpec], query=_PAGE),
    Operation("GET", "/tokens/{id_token}", get_token, "Show an identifier", gives=TokenSpec),
    Operation("PUT", "/tokens/{id_token}", put_token, "Make an identifier known, or known otherwise", dict[str, Any]),
    Operation("DELETE", "/tokens/{id_token}", delete_token, "Forget an identifier"),
    Operation("PUT", "/policies/{name}", put_policy, "Put a policy in force", PolicyValue),
    Operation("POST", "/verbs/{verb}", do_verb, "Do what an operator's verb says", dict[str, Any], dict[str, Any]),
)
