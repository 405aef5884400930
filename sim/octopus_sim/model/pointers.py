# SPDX-License-Identifier: Apache-2.0
"""The state as compiled code sees it: one pointer.

Numba hands an array to a function as seven numbers and counts references to it; the state has thirty arrays, and the
kernels are many small functions. So what they pass on is the address of a table of addresses, `state.header`.
``mesh(address)`` makes of it a value ``s`` for which ``s.queue[k]`` is the k-th record of `State.queue`, by reference,
and ``s.due[k]`` a number, as in Python. There is no check of bounds.
"""

import operator
from typing import Any

import numpy as np
from llvmlite import ir  # type: ignore[import-untyped]
from numba import from_dtype, types
from numba.core import cgutils
from numba.core.typing.templates import AbstractTemplate, AttributeTemplate, infer_global, signature
from numba.extending import infer_getattr, intrinsic, lower_builtin, lower_getattr_generic, models, register_model

from octopus_sim.model.state import ARRAYS

__all__ = ["header_of", "mesh"]

_NAMES = list(ARRAYS)


class _Mesh(types.Type):
    def __init__(self) -> None:
        super().__init__(name="octopus_mesh")


class _Pointer(types.Type):
    def __init__(self, item: Any) -> None:
        self.item = item
        super().__init__(name=f"octopus_pointer({item})")


class _Address(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, cgutils.voidptr_t)


register_model(_Mesh)(_Address)
register_model(_Pointer)(_Address)
_MESH = _Mesh()
_POINTERS = {name: _Pointer(from_dtype(dtype)) for name, dtype in ARRAYS.items()}


@intrinsic
def mesh(typing: Any, address: Any) -> Any:
    """Return the state whose table of addresses stands at an address."""

    def code(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return builder.inttoptr(args[0], cgutils.voidptr_t)

    return _MESH(types.int64), code


@infer_getattr
class _MeshAttributes(AttributeTemplate):
    key = _Mesh

    def generic_resolve(self, value: Any, name: str) -> Any:
        return _POINTERS.get(name)


@lower_getattr_generic(_Mesh)
def _array(context: Any, builder: Any, kind: Any, value: Any, name: str) -> Any:
    table = builder.bitcast(value, cgutils.voidptr_t.as_pointer())
    slot = builder.gep(table, [ir.Constant(ir.IntType(64), _NAMES.index(name))])
    load = builder.load(slot)
    # The table never changes while compiled code runs.
    load.set_metadata("invariant.load", builder.module.add_metadata([]))
    return load


@infer_global(operator.getitem)
class _GetItem(AbstractTemplate):
    key = operator.getitem

    def generic(self, args: Any, kws: Any) -> Any:
        if isinstance(args[0], _Pointer) and isinstance(args[1], types.Integer):
            return signature(args[0].item, args[0], types.int64)
        return None


@infer_global(operator.setitem)
class _SetItem(AbstractTemplate):
    key = operator.setitem

    def generic(self, args: Any, kws: Any) -> Any:
        if isinstance(args[0], _Pointer) and isinstance(args[1], types.Integer):
            return signature(types.void, args[0], types.int64, args[0].item)
        return None


def _item(context: Any, builder: Any, item: Any, base: Any, index: Any) -> Any:
    size = context.get_abi_sizeof(context.get_data_type(item))
    offset = builder.mul(index, ir.Constant(ir.IntType(64), size))
    return builder.gep(base, [offset])


@lower_builtin(operator.getitem, _Pointer, types.int64)
def _get(context: Any, builder: Any, sig: Any, args: Any) -> Any:
    item = sig.return_type
    at = _item(context, builder, item, *args)
    if isinstance(item, types.Record):
        return builder.bitcast(at, context.get_value_type(item))
    return context.unpack_value(builder, item, builder.bitcast(at, context.get_data_type(item).as_pointer()))


@lower_builtin(operator.setitem, _Pointer, types.int64, types.Any)
def _set(context: Any, builder: Any, sig: Any, args: Any) -> Any:
    item = sig.args[2]
    at = _item(context, builder, item, args[0], args[1])
    if isinstance(item, types.Record):
        cgutils.raw_memcpy(
            builder, at, builder.bitcast(args[2], cgutils.voidptr_t), context.get_constant(types.intp, item.size), 1
        )
    else:
        context.pack_value(builder, item, args[2], builder.bitcast(at, context.get_data_type(item).as_pointer()))
    return context.get_dummy_value()


def header_of(arrays: dict[str, np.ndarray]) -> np.ndarray:
    """Return the table of addresses of the state's arrays; they have to outlive it, and must not move."""
    for name, array in arrays.items():
        if array.dtype != ARRAYS[name] or array.ndim != 1 or not array.flags.c_contiguous:
            raise TypeError(f"{name}: {array.dtype} is not a plain array of {ARRAYS[name]}")
    return np.array([arrays[name].ctypes.data for name in _NAMES], np.int64)
