// SPDX-License-Identifier: Apache-2.0
#include "field.hpp"

#include <algorithm>

#include "type_map.hpp"

namespace tinybird_cdk::mysql {

namespace {

/// The character set "binary": none at all.
constexpr unsigned int binary_charset = 63;
/// Expressions may say more, and mean that it is not known.
constexpr unsigned int most_fraction_digits = 6;

std::string attribute(const MYSQL_FIELD& described, mariadb_field_attr_t which) {
    MARIADB_CONST_STRING text{};
    return mariadb_field_attr(&text, &described, which) == 0 && text.length > 0 ? std::string(text.str, text.length)
                                                                                : std::string();
}

const char* base_name(const Field& field) {
    switch (field.type) {
        case MYSQL_TYPE_TINY:
            return "tinyint";
        case MYSQL_TYPE_SHORT:
            return "smallint";
        case MYSQL_TYPE_INT24:
            return "mediumint";
        case MYSQL_TYPE_LONG:
            return "int";
        case MYSQL_TYPE_LONGLONG:
            return "bigint";
        case MYSQL_TYPE_FLOAT:
            return "float";
        case MYSQL_TYPE_DOUBLE:
            return "double";
        case MYSQL_TYPE_DECIMAL:
        case MYSQL_TYPE_NEWDECIMAL:
            return "decimal";
        case MYSQL_TYPE_YEAR:
            return "year";
        case MYSQL_TYPE_BIT:
            return "bit";
        case MYSQL_TYPE_DATE:
        case MYSQL_TYPE_NEWDATE:
            return "date";
        case MYSQL_TYPE_TIME:
        case MYSQL_TYPE_TIME2:
            return "time";
        case MYSQL_TYPE_DATETIME:
        case MYSQL_TYPE_DATETIME2:
            return "datetime";
        case MYSQL_TYPE_TIMESTAMP:
        case MYSQL_TYPE_TIMESTAMP2:
            return "timestamp";
        case MYSQL_TYPE_JSON:
            return "json";
        case MYSQL_TYPE_GEOMETRY:
            return "geometry";
        case MYSQL_TYPE_NULL:
            return "null";
        case MYSQL_TYPE_STRING:
            return field.is_binary ? "binary" : "char";
        case MYSQL_TYPE_VAR_STRING:
        case MYSQL_TYPE_VARCHAR:
            return field.is_binary ? "varbinary" : "varchar";
        default:
            return field.is_binary ? "blob" : "text";
    }
}

}  // namespace

Field field_of(const MYSQL_FIELD& described) {
    Field field;
    field.name.assign(described.name, described.name_length);
    field.type = described.type;
    field.is_unsigned = (described.flags & UNSIGNED_FLAG) != 0;
    field.is_binary = described.charsetnr == binary_charset;
    field.is_enum = (described.flags & ENUM_FLAG) != 0;
    field.is_set = (described.flags & SET_FLAG) != 0;
    field.may_be_null = (described.flags & NOT_NULL_FLAG) == 0;
    field.is_auto_increment = (described.flags & AUTO_INCREMENT_FLAG) != 0;
    field.decimals = described.decimals;
    field.length = described.length;
    field.extended_type = attribute(described, MARIADB_FIELD_ATTR_DATA_TYPE_NAME);
    if (field.extended_type.empty()) {
        field.extended_type = attribute(described, MARIADB_FIELD_ATTR_FORMAT_NAME);
    }
    return field;
}

std::string shown_type(const Field& field) {
    if (!field.extended_type.empty()) {
        return field.extended_type;
    }
    if (field.is_enum || field.is_set) {
        return field.is_enum ? "enum" : "set";
    }
    std::string text = base_name(field);
    const bool has_fraction = text == "time" || text == "datetime" || text == "timestamp";
    if (has_fraction && field.decimals > 0 && field.decimals <= most_fraction_digits) {
        text += "(" + std::to_string(field.decimals) + ")";
    }
    const bool is_integer = text.ends_with("int");
    return is_integer && field.is_unsigned ? text + " unsigned" : text;
}

schema::Type type_of(const Field& field) {
    const std::string shown = shown_type(field);
    const bool is_date = shown.starts_with("datetime") || shown.starts_with("timestamp");
    SourceType source;
    source.data_type = shown.substr(0, shown.find_first_of("( "));
    source.column_type = shown;
    if (source.data_type == "decimal") {
        // The length counts the point, and a sign where there may be one.
        const unsigned long marks = (field.decimals > 0 ? 1U : 0U) + (field.is_unsigned ? 0U : 1U);
        source.precision = static_cast<int>(field.length - std::min(marks, field.length));
        source.scale = static_cast<int>(field.decimals);
    } else if (source.data_type == "bit") {
        source.precision = static_cast<int>(field.length);
    } else if (is_date && field.decimals <= most_fraction_digits) {
        source.precision = static_cast<int>(field.decimals);
    }
    return target_of(source).type;
}

}  // namespace tinybird_cdk::mysql
