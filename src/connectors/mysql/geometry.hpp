// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace tinybird_cdk::mysql {

/// Writes a geometry as text, as in "POINT(1 2)"; one whose spatial reference is not 0 as in "SRID=4326;POINT(1 2)"
/// (PostGIS' EWKT). Coordinates keep the order in which they are stored and have the digits that give the same number
/// back.
/// @param bytes MySQL's form: four bytes of spatial reference, then well-known binary. @throws MalformedData
void append_geometry(std::string& out, std::string_view bytes);

}  // namespace tinybird_cdk::mysql
