// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>

#include "cloud/crypto.hpp"

namespace tinybird_cdk::cloud {
namespace {

TEST(TestCrypto, Digests) {
    // FIPS 180-2 and RFC 1321, appendix A.5.
    EXPECT_EQ(hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(hex(sha1("abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
    EXPECT_EQ(hex(md5("abc")), "900150983cd24fb0d6963f7d28e17f72");
    EXPECT_EQ(hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(TestCrypto, Hmac) {
    // RFC 4231, test cases 2 and 6 (a key longer than a block).
    EXPECT_EQ(hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    EXPECT_EQ(hex(hmac_sha256(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First")),
              "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(TestCrypto, Base64) {
    // RFC 4648 §10.
    for (const auto& [plain, encoded] : {std::pair{"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foobar", "Zm9vYmFy"}}) {
        EXPECT_EQ(base64(plain), encoded);
        EXPECT_EQ(base64_decode(encoded), plain);
    }
    EXPECT_EQ(base64url("\xfb\xff\xfe?"), "-__-Pw");
    EXPECT_EQ(base64_decode("-__-Pw"), "\xfb\xff\xfe?");
    for (const char* wrong : {"A", "Zg===", "Z g=", "Z=g="}) {
        EXPECT_THROW(base64_decode(wrong), errors::InvalidArgument) << wrong;
    }
}

TEST(TestCrypto, AKeyThatIsNoneIsNotShown) {
    const std::string pem = "-----BEGIN PRIVATE KEY-----\nbm90IGEga2V5\n-----END PRIVATE KEY-----\n";
    try {
        rsa_sha256_sign(pem, "text");
        FAIL() << "a signature by what is no key";
    } catch (const errors::InvalidArgument& error) {
        EXPECT_EQ(std::string(error.what()).find("bm90"), std::string::npos);
    }
}

}  // namespace
}  // namespace tinybird_cdk::cloud
