// SPDX-License-Identifier: Apache-2.0
#include <tinybird_cdk/secret.hpp>

#include <ostream>
#include <string>

#include <fmt/format.h>
#include <fmt/ostream.h>
#include <gtest/gtest.h>

namespace tinybird_cdk {
namespace {

template <class T>
concept Streamable = requires(std::ostream& out, const T& value) {
    out << value;
};

template <class T>
concept ConvertibleToText = std::is_convertible_v<T, std::string> || std::is_convertible_v<T, const char*> ||
    std::is_constructible_v<std::string, T>;

// That the good form compiles shows that the bad one is refused for being a Secret.
static_assert(Streamable<std::string> && !Streamable<Secret>);
static_assert(fmt::is_formattable<std::string>::value && !fmt::is_formattable<Secret>::value);
static_assert(ConvertibleToText<const char*> && !ConvertibleToText<Secret>);
static_assert(!std::is_convertible_v<std::string, Secret>, "text becomes a secret on purpose only");

TEST(TestSecret, GivesItsTextWhenAsked) {
    const Secret secret("p.eyJ");
    EXPECT_EQ(secret.reveal(), "p.eyJ");
    EXPECT_FALSE(secret.empty());
}

TEST(TestSecret, MayBeEmpty) {
    EXPECT_TRUE(Secret().empty());
    EXPECT_EQ(Secret().reveal(), "");
}

TEST(TestSecret, IsCopied) {
    const Secret secret("text");
    Secret copy;
    copy = secret;
    EXPECT_EQ(copy.reveal(), secret.reveal());
}

}  // namespace
}  // namespace tinybird_cdk
