// SPDX-License-Identifier: Apache-2.0
/// Where drivers are looked for, and what is said when there is none.
#include <tinybird_cdk/adbc.hpp>

#include <stdlib.h>  // mkdtemp is POSIX

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <system_error>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>

namespace tinybird_cdk::adbc {
namespace {

using ::testing::HasSubstr;

class TestFindDriver : public ::testing::Test {
protected:
    TestFindDriver() {
        std::string name = (std::filesystem::temp_directory_path() / "tinybird_cdk_adbc_XXXXXX").string();
        if (mkdtemp(name.data()) == nullptr) {
            throw std::runtime_error("no temporary directory can be made");
        }
        folder = name;
    }
    ~TestFindDriver() override {
        std::error_code ignored;
        std::filesystem::remove_all(folder, ignored);
    }
    std::string make(const std::string& path) const {
        const auto file = folder / path;
        std::filesystem::create_directories(file.parent_path());
        std::ofstream(file) << "x";
        return file.string();
    }
    std::filesystem::path folder;
};

TEST_F(TestFindDriver, APathIsTakenAsItIs) {
    EXPECT_EQ(find_driver("/opt/driver.so", Environment::of({})), "/opt/driver.so");
}

TEST_F(TestFindDriver, FoldersOfTheVariableComeInTheirOrder) {
    const Environment environment =
        Environment::of({{"ADBC_DRIVER_PATH", (folder / "none").string() + "::" + (folder / "a").string() + ":" +
                                                  (folder / "b").string()}});
    EXPECT_EQ(find_driver("acme", environment), std::nullopt);
    const std::string second = make("b/libadbc_driver_acme.so");
    EXPECT_EQ(find_driver("acme", environment), second);
    EXPECT_EQ(find_driver("adbc_driver_acme", environment), second);
    const std::string manifest = make("a/acme.toml");
    EXPECT_EQ(find_driver("acme", environment), manifest);
    const std::string library = make("a/libacme.so");
    EXPECT_EQ(find_driver("acme", environment), library);
}

TEST_F(TestFindDriver, PackagesOfPythonHaveTheirs) {
    const std::string library = make("lib/python3.11/site-packages/adbc_driver_acme/libadbc_driver_acme.so");
    EXPECT_EQ(find_driver("acme", Environment::of({{"VIRTUAL_ENV", folder.string()}})), library);
    EXPECT_EQ(find_driver("acme", Environment::of({})), std::nullopt);
}

TEST_F(TestFindDriver, AMissingOneComesWithTheCommandThatInstallsIt) {
    EXPECT_THAT(install_hint("postgresql"), HasSubstr("pip install adbc-driver-postgresql."));
    EXPECT_THAT(install_hint("/opt/libduckdb.so"), HasSubstr("DUCKDB_LIBRARY"));
    Source source;
    source.driver = "acme";
    try {
        Connection connection(source, Environment::of({}));
        ADD_FAILURE() << "nothing was thrown";
    } catch (const errors::MissingDriverError& error) {
        EXPECT_THAT(error.what(), HasSubstr("there is no ADBC driver \"acme\" here"));
        EXPECT_THAT(error.hint(), HasSubstr("pip install adbc-driver-acme"));
    }
}

TEST_F(TestFindDriver, ALibraryThatIsNoDriverIsAnError) {
    Source source;
    source.driver = make("libacme.so");
    EXPECT_THROW(Connection(source, Environment::of({})), errors::MissingDriverError);
}

}  // namespace
}  // namespace tinybird_cdk::adbc
