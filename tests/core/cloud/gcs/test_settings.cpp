// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>

#include "cloud/gcs/settings.hpp"

namespace tinybird_cdk::cloud::gcs {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Settings, AreGooglesOwnWithoutVariables) {
    const Settings settings = read_settings(Environment::of({}));
    EXPECT_EQ(settings.storage, "https://storage.googleapis.com");
    EXPECT_EQ(settings.iam, "https://iamcredentials.googleapis.com");
    EXPECT_FALSE(settings.emulated);
    EXPECT_EQ(settings.user_project, "");
}

TEST(Settings, TakeAnEmulatorInAllItsForms) {
    for (const char* form : {"http://localhost:4443", "localhost:4443", "http://localhost:4443/", " localhost:4443 ",
                             "http://localhost:4443/storage/v1/", "localhost:4443/storage/v1"}) {
        const Settings settings = read_settings(Environment::of({{"STORAGE_EMULATOR_HOST", form}}));
        EXPECT_EQ(settings.storage, "http://localhost:4443") << form;
        EXPECT_TRUE(settings.emulated) << form;
    }
    EXPECT_EQ(read_settings(Environment::of({{"STORAGE_EMULATOR_HOST", "https://[::1]:1"}})).storage,
              "https://[::1]:1");
    EXPECT_FALSE(read_settings(Environment::of({{"STORAGE_EMULATOR_HOST", ""}})).emulated);
}

TEST(Settings, TakeGcloudsEndpoints) {
    const Settings settings = read_settings(
        Environment::of({{"CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE", "https://storage-x.p.googleapis.com/storage/v1/"},
                         {"CLOUDSDK_API_ENDPOINT_OVERRIDES_IAMCREDENTIALS", "https://iam-x.p.googleapis.com/"},
                         {"GOOGLE_CLOUD_QUOTA_PROJECT", "payer"},
                         {"SSL_CERT_FILE", "/ca.pem"}}));
    EXPECT_EQ(settings.storage, "https://storage-x.p.googleapis.com");
    EXPECT_EQ(settings.iam, "https://iam-x.p.googleapis.com");
    EXPECT_FALSE(settings.emulated);
    EXPECT_EQ(settings.user_project, "payer");
    EXPECT_EQ(settings.ca_file, "/ca.pem");
}

TEST(Settings, RefuseWhatIsNoAddress) {
    for (const char* wrong : {"ftp://host", "http://", "http://user:pass-word@host", "two words", "http://h?x=1"}) {
        try {
            read_settings(Environment::of({{"STORAGE_EMULATOR_HOST", wrong}}));
            ADD_FAILURE() << wrong;
        } catch (const errors::InvalidArgument& error) {
            EXPECT_THAT(error.what(), HasSubstr("STORAGE_EMULATOR_HOST"));
            EXPECT_THAT(error.what(), Not(HasSubstr("pass-word")));
        }
    }
}

}  // namespace
}  // namespace tinybird_cdk::cloud::gcs
