// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

/// Object ids of built-in types: fixed for ever (PostgreSQL source, src/include/catalog/pg_type.dat).
namespace tinybird_cdk::postgresql::oid {

using Oid = std::uint32_t;

inline constexpr Oid boolean = 16;
inline constexpr Oid bytea = 17;
inline constexpr Oid character = 18;  ///< "char", one byte
inline constexpr Oid name = 19;
inline constexpr Oid int8 = 20;
inline constexpr Oid int2 = 21;
inline constexpr Oid int2vector = 22;
inline constexpr Oid int4 = 23;
inline constexpr Oid text = 25;
inline constexpr Oid oid = 26;
inline constexpr Oid tid = 27;
inline constexpr Oid xid = 28;
inline constexpr Oid cid = 29;
inline constexpr Oid oidvector = 30;
inline constexpr Oid json = 114;
inline constexpr Oid xml = 142;
inline constexpr Oid cidr = 650;
inline constexpr Oid float4 = 700;
inline constexpr Oid float8 = 701;
inline constexpr Oid unknown = 705;
inline constexpr Oid macaddr8 = 774;
inline constexpr Oid money = 790;
inline constexpr Oid money_array = 791;
inline constexpr Oid macaddr = 829;
inline constexpr Oid inet = 869;
inline constexpr Oid bpchar = 1042;
inline constexpr Oid varchar = 1043;
inline constexpr Oid date = 1082;
inline constexpr Oid time = 1083;
inline constexpr Oid timestamp = 1114;
inline constexpr Oid timestamptz = 1184;
inline constexpr Oid interval = 1186;
inline constexpr Oid timetz = 1266;
inline constexpr Oid bit = 1560;
inline constexpr Oid varbit = 1562;
inline constexpr Oid numeric = 1700;
inline constexpr Oid uuid = 2950;
inline constexpr Oid pg_lsn = 3220;
inline constexpr Oid jsonb = 3802;
inline constexpr Oid xid8 = 5069;

}  // namespace tinybird_cdk::postgresql::oid
