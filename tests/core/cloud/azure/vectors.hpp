// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string_view>

/// Made by azure-storage-blob 12.19.1 for Python: see write_vectors.py beside it.
namespace tinybird_cdk::testing {

struct AzureVector {
    std::string_view name;
    std::string_view url;
    std::string_view service_sas;
    std::string_view service_sas_any_protocol;
    std::string_view user_delegation_sas;
    std::string_view authorization_of_get;
    std::string_view authorization_of_put_block;
    std::string_view authorization_of_list;
};

// clang-format off
constexpr std::string_view azure_vector_key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";
constexpr std::array<AzureVector, 14> azure_vectors{{
    {"plain.csv",
     "https://myaccount.blob.core.windows.net/box/plain.csv",
     "se=2026-10-21T07%3A28%3A00Z&sp=r&spr=https&sv=2023-11-03&sr=b&sig=ohQBvkuR0HlCWTQE5GGfxXhSS3zPmsQYdpRVksNSMl8%3D",
     "se=2026-10-21T07%3A28%3A00Z&sp=r&sv=2023-11-03&sr=b&sig=mUr3w2qKEryPuw0ugfgBDg5%2BxAlYW%2BlJq6VS/Ciwkd0%3D",
     "se=2026-10-21T07%3A28%3A00Z&sp=r&spr=https&sv=2023-11-03&sr=b&skoid=11059fcc-5514-4800-b5f8-49808b9cfab6&sktid=ab1f708d-50f6-404c-a006-d71b2ac7a606&skt=2026-10-21T07%3A00%3A00Z&ske=2026-10-22T07%3A28%3A00Z&sks=b&skv=2023-11-03&sig=mVbju3C8Lt35yKnzGVCym7H%2Bi5of6WV7GjnN3C0iBCg%3D",
     "SharedKey myaccount:ODHwkwr2LLWw+n3paHQQnzd94Dzon67eGIf3xYMFOEE=",
     "SharedKey myaccount:lkVWISCPuOjxCFrUZIe8WM6ZvHJ08O0j9ty4N25wNS4=",
     "SharedKey myaccount:/F4ddvhsFMf+uPa6mCo3tAiO/LGgJX5g1wxWjUJih/o="},
    {"dir/part-0.csv.gz",
     "https://myaccount.blob.core.windows.net/box/dir/part-0.csv.gz",
     "se=2026-10-21T07%3A28%3A00Z&sp=r&spr=https&sv=2023-11-03&sr=b&sig=Yb0E7jDOX64T5jnjTQAtyFfAB/kAaW2SrDhmK8sb4RE%3D",
     "se=2026-10-21T07%3A28%3A00Z&sp=r&sv=2023-11-03&sr=b&sig=HIkptn5BRIS25xdyjjRXtCyserTMT9fwaryTGHhdCPw%3D",
     "se=2026-10-21T07%3A28%3A00Z&sp=r&spr=https&sv=2023-11-03&sr=b&skoid=11059fcc-5514-4800-b5f8-49808b9cfab6&sktid=ab1f708d-50f6-404c-a006-d71b2ac7a606&skt=2026-10-21T07%3A00%3A00Z&ske=2026-10-22T07%3A28%3A00Z&sks=b&skv=2023-11-03&sig=TZn/uIjptJ8kUROtLjdwOG4nF1mCqiq8Hm5%2BLSRxkT0%3D",
     "SharedKey myaccount:+2DW3/X47pnqHbTEw280GLlIH2CJEvNtzCiGjkRann0=",
     "SharedKey myaccount:V02n6NvIx1L+Ng8Lso6O3irmuw0ilVw7QWer5lOc+YQ=",
     "SharedKey myaccount:u9jOcwLE+bKvjNqmZ9wjU8xsErO0eEFaHsoxkixoJsI="},
    {"a b",
     "https://myaccount.blob.core.windows.net/box/a%20b",
     "se=2026-10-21T07%3A28%3A00Z&sp=r&spr=https&sv=2023-11-03&sr=b&sig=klF%2BLDMwK/FOXaGfCHXwtHWbyQ0G6VHUxOMGnYzpREQ%3D",
     "se=2026-10-21T07%3A28%3A00Z&sp=r&sv=2023-11-03&sr=b&sig=9gJfuble29laelslv8L13YJg44eV7BxGGAsH4jGgMBM%3D",
     "se=2026-10-21T07%3A28%3A00Z&sp=r&spr=https&sv=2023-11-03&sr=b&skoid=11059fcc-5514-4800-b5f8-49808b9cfab6&sktid=ab1f708d-50f6-404c-a006-d71b2ac7a606&skt=2026-10-21T07%3A00%3A00Z&ske=2026-10-22T07%3A28%3A00Z&sks=b&skv=2023-11-03&sig=azwZtDdRfF7AGT7PCcxEg6fQrJXXdAR%2BhFrnNGI3dpM%3D",
     "SharedKey myaccount:l6ZZOg5bDAIe6Azq2MPVnmPv1DE4pRB3us1ETVYLpL8=",
     "SharedKey myaccount:8fDusO5C/vBKnDm/QMibm/0pqxe010IBubkoeJB5t+k=",
     "SharedKey myaccount:Y5k3gdfQ5KNffEMFGB2zICxZLKzPygBDFoiV8mOQx6Q="},
    {"100%",
     "https://myaccount.blob.core.windows.net/box/100%25",
     "se=2026-10-21T07%3A28%3A00Z&sp=r&spr=https&sv=2023-11-03&sr=b&sig=iP5k3iYW7IY/38naaRn9pGVCT5HcM7uwX%2BkQMDY7Q2o%3D",
     "se=2026-10-21T07%3A28%3A00Z&sp=r&sv=2023-11-03&sr=b&sig=UKCtnGTyqyDAO0N63YCeGisEJnawkYgw7Qt8rDc52vA%3D",
     "se=2026-10-21T07%3A28%3A00Z&sp=r&spr=https&sv=2023-11-03&sr=b&skoid=11059fcc-5514-4800-b5f8-49808b9cfab6&sktid=ab1f708d-50f6-404c-a006-d71b2ac7a606&skt=2026-10-21T07%3A00%3A00Z&ske=2026-10-22T07%3A28%3A00Z&sks=b&skv=2023-11-03&sig=HOY8G/ULYwo%2BflMw/RK9bmJEcBmvlbe4ybsLvf2CPE8%3D",
     "SharedKey myaccount:QUYep1I0magHdEXa2NbIOR7jlcr0sx7asHx53VBGcLU=",
     "SharedKey myaccount:ypx3ZrFfuOarYmM6uTkh7P3o5VV7lheYTghYLnlcr4M=",
     "SharedKey myaccount:K+BGkivZpB33aBcRqZGYKB85AgWTWVHDr7wuW2JKblE="},
    {"%41",
     "https://myaccount.blob.core.windows.net/box/%2541",
     "se=2026-10-21T07%3A28%3A00Z&sp=r&spr=https&sv=2023-11-03&sr=b&sig=5p1mN5xqR61LoBcmeTLiyg6Pb/ZIiOq5we9z2WIGJDk%3D",
     "se=2026-10-21T07%3A28%3A00Z&sp=r&sv=2023-11-03&sr=b&sig=XWkdmGGOa1IY84N/7n0LiQkYqsDJm%2B0fmf1cbjmss0I%3D",
     "se=2026-10-21T07%3A28%3A00Z&sp=r&spr=https&sv=2023-11-03&sr=b&skoid=11059fcc-5514-4800-b5f8-49808b9cfab6&sktid=ab1f708d-50f6-404c-a006-d71b2ac7a606&skt=2026-10-21T07%3A00%3A00Z&ske=2026-10-22T07%3A28%3A00Z&sks=b&skv=2023-11-03&sig=aaJ%2BKIGBDs3%2B7x7NFTJ5Yo92TuU1Yoop2%2B9qZux744Y%3D",
     "SharedKey myaccount:dxUGBgjf4X0XwwsI8D2reQHxAtS/wsJQ3fdgI+dBfZU=",
     "SharedKey myaccount:sNDn42HAFfn8N6esZIatLDraPCHElQ3bof2xe/wU6cc=",
     "SharedKey myaccount:cMlbxqyHhJpdtf12/W4ZFTp2PjDF8pcP8YEX9ps3e3A="},
    {"a+b&c=d?e#f",
     "https://myaccount.blob.core.windows.net/box/a%2Bb%26c%3Dd%3Fe%23f",
     "se=2026-10-21T07%3A28%3A00Z&sp=r&spr=https&sv=2023-11-03&sr=b&sig=596dhq3nibyZ2NmbS/b1QoRJa3Vzck9MbaiX2npmhvA%3D",
     "se=2026-10-21T07%3A28%3A00Z&sp=r&sv=2023-11-03&sr=b&sig=ec30f9xKJ0VHxqz1CyrBdu3rFsnurNT5fycmOutDs2M%3D",
     "se=2026-10-21T07%3A28%3A00Z&sp=r&spr=https&sv=2023-11-03&sr=b&skoid=11059fcc-5514-4800-b5f8-49808b9cfab6&sktid=ab1f708d-50f6-404c-a006-d71b2ac7a606&skt=2026-10-21T07%3A00%3A00Z&ske=2026-10-22T07%3A28%3A00Z&sks=b&skv=2023-11-03&sig=eJaFSUCjn6qkLl1ddevFsAbM%2BIegZrR5obgBDnrraMo%3D",
     "SharedKey myaccount:0fNXYUFBQ9fyljg/AvAmg2XrR77yVdKmMSTxj4JHkKo=",
     "SharedKey myaccount:16YAVsrDod7a46kzlb+LhF+pT6u7N3L0GBTH3elJCXg=",
     "SharedKey myaccount:W9aEJpFtg6KxeGuDtsmDO05Y+s4PJCiTn0mOSe3L0Y0="},
    {"\303\274/\346\227\245\346\234\254\350\252\236/\360\237\230\200",
     "https://myaccount.blob.core.windows.net/box/%C3%BC/%E6%97%A5%E6%9C%AC%E8%AA%9E/%F0%9F%98%80",
     "se=2026-10-21T07%3A28%3A00Z&sp=r&spr=https&sv=2023-11-03&sr=b&sig=SbvqSCNH%2BpZdIm1EhtzP6FqUiDJiF3q3damjCc0fg1Y%3D",
     "se=2026-10-21T07%3A28%3A00Z&sp=r&sv=2023-11-03&sr=b&sig=eYsn/jrZ76P3P3U64Nb88wtGP59/6%2BQFc/j7RudIEnw%3D",
     "se=2026-10-21T07%3A28%3A00Z&sp=r&spr=https&sv=2023-11-03&sr=b&skoid=11059fcc-5514-4800-b5f8-49808b9cfab6&sktid=ab1f708d-50f6-404c-a006-d71b2ac7a606&skt=2026-10-21T07%3A00%3A00Z&ske=2026-10-22T07%3A28%3A00Z&sks=b&skv=2023-11-03&sig=laOcAZpZhm%2BuWedHDbgWooH//gvokQ27ji1GooENgV0%3D",
     "SharedKey myaccount:N6cHdy8TmhixAwDt8VPSMYhC7si5oN9ffPUk/FfkYoE=",
     "SharedKey myaccount:7hueDkG+mzO5UFjP2ouQrKaeQ/avWRuPWoXL1+DLygw=",
     "SharedKey myaccount:8at0CXHKjtkcu61ibs38b6Cy3fqfrLSgiMAVHTnKJrQ="},
    {"'quote\042'",
     "https://myaccount.blob.core.windows.net/box/%27quote%22%27",
     "se=2026-10-21T07%3A28%3A00Z&sp=r&spr=https&sv=2023-11-03&sr=b&sig=HBOujJ/0Q//fEdC14BwhF2gtcCX2iue5EQjwmaxRxjA%3D",
     "se=2026-10-21T07%3A28%3A00Z&sp=r&sv=2023-11-03&sr=b&sig=41Qt4GhjAgbMO99xAdE04uM2dXJLatXu1QSzJUOtbKY%3D",
     "se=2026-10-21T07%3A28%3A00Z&sp=r&spr=https&sv=2023-11-03&sr=b&skoid=11059fcc-5514-4800-b5f8-49808b9cfab6&sktid=ab1f708d-50f6-404c-a006-d71b2ac7a606&skt=2026-10-21T07%3A00%3A00Z&ske=2026-10-22T07%3A28%3A00Z&sks=b&skv=2023-11-03&sig=CfyzWRKl4VSsLe610/ZPwaKAEwGpDBhwFWO6zVEyZCM%3D",
     "SharedKey myaccount:Pio4g5of9LZqdX9Ohg013Hww/ezyig1QQzeURwZlNIU=",
     "SharedKey myaccount:w+OfFSMcRHVo5Txjlq8peJAEF08hptBTiMYiNXNIUAc=",
     "SharedKey myaccount:idJrMGP42OcfKnfLkBqmTLXuT5MKcFWa80uyNFu4+50="},
    {"~tilde_-.txt",
     "https://myaccount.blob.core.windows.net/box/~tilde_-.txt",
     "se=2026-10-21T07%3A28%3A00Z&sp=r&spr=https&sv=2023-11-03&sr=b&sig=EvThz7VlcsmbtdCxeJp0Nf59kOrZrcRKviv/HBlV%2Byc%3D",
     "se=2026-10-21T07%3A28%3A00Z&sp=r&sv=2023-11-03&sr=b&sig=ysbrhNF9JJL8qOuR8Ff1V5G3UEvpA/sOi6kAVpD06Xs%3D",
     "se=2026-10-21T07%3A28%3A00Z&sp=r&spr=https&sv=2023-11-03&sr=b&skoid=11059fcc-5514-4800-b5f8-49808b9cfab6&sktid=ab1f708d-50f6-404c-a006-d71b2ac7a606&skt=2026-10-21T07%3A00%3A00Z&ske=2026-10-22T07%3A28%3A00Z&sks=b&skv=2023-11-03&sig=oD4N7I6ypaYZvYUylh/ms9Ne0El6N0G4gZNLxvhRW%2B8%3D",
     "SharedKey myaccount:4teKbefDTgSYe3lVT274oB2MqixSm6ckQoYD546X5XE=",
     "SharedKey myaccount:JL2cqgeH4QZrvAT5MZsr0SX3B7clqGaKFR21ktsw8GQ=",
     "SharedKey myaccount:JnCY1Q14cUKzP4/ppYHtYYjGdJwCJBDlLvwM4du9Lhw="},
    {"(paren)!*;:@$,[]",
     "https://myaccount.blob.core.windows.net/box/%28paren%29%21%2A%3B%3A%40%24%2C%5B%5D",
     "se=2026-10-21T07%3A28%3A00Z&sp=r&spr=https&sv=2023-11-03&sr=b&sig=O%2BPfZUtsIVC72BnhQP4wgLo2qucHgLVy56OjbmF%2BgkA%3D",
     "se=2026-10-21T07%3A28%3A00Z&sp=r&sv=2023-11-03&sr=b&sig=hrYNJFV85APMSJB0NTBRpYQje2kArLFmrfmz/ki1Wss%3D",
     "se=2026-10-21T07%3A28%3A00Z&sp=r&spr=https&sv=2023-11-03&sr=b&skoid=11059fcc-5514-4800-b5f8-49808b9cfab6&sktid=ab1f708d-50f6-404c-a006-d71b2ac7a606&skt=2026-10-21T07%3A00%3A00Z&ske=2026-10-22T07%3A28%3A00Z&sks=b&skv=2023-11-03&sig=6WaOCnNdzY/%2Bp207WZ0vfxsokm87z9pMQU4aQn2XsvY%3D",
     "SharedKey myaccount:fxV0T/f4g0suvPLsqEZD4yA0RjAg8FVhQbAR4jnrMl8=",
     "SharedKey myaccount:fDEUZzRutg0e/dTp+8bQwKWSzDD7nsTAQrLj5+fRE4g=",
     "SharedKey myaccount:00s5PyO2vAHG6lvOc3WaqhsHScwUQCHuTKVxDOiADls="},
    {"back\134slash",
     "https://myaccount.blob.core.windows.net/box/back%5Cslash",
     "se=2026-10-21T07%3A28%3A00Z&sp=r&spr=https&sv=2023-11-03&sr=b&sig=IdIkTsPIqlsU4eptn0kuQ0vWpsMqCpG6QWZlDXC8/e4%3D",
     "se=2026-10-21T07%3A28%3A00Z&sp=r&sv=2023-11-03&sr=b&sig=mQ/2BSIhTw/rs7xNMAE5XuMCVIlnRJEkfdhgIjNZpK4%3D",
     "se=2026-10-21T07%3A28%3A00Z&sp=r&spr=https&sv=2023-11-03&sr=b&skoid=11059fcc-5514-4800-b5f8-49808b9cfab6&sktid=ab1f708d-50f6-404c-a006-d71b2ac7a606&skt=2026-10-21T07%3A00%3A00Z&ske=2026-10-22T07%3A28%3A00Z&sks=b&skv=2023-11-03&sig=NJWJIkr8EDX0tkR0mBqM3/R%2BUM4hdk%2BIy/T2IwVtbvA%3D",
     "SharedKey myaccount:rAk5LXnAaDfm4Zdnrdyx0Dggy+qzNdFrVHnfR64AvI8=",
     "SharedKey myaccount:TrbplyXsu0nsGMMmKDen6O7//CpechZHuLvZkHbxDE8=",
     "SharedKey myaccount:8twdigoW1L8gNn4kr2VnXGhVCzjG+rbI5s8GHRPvDg4="},
    {"//two/",
     "https://myaccount.blob.core.windows.net/box///two/",
     "se=2026-10-21T07%3A28%3A00Z&sp=r&spr=https&sv=2023-11-03&sr=b&sig=u5FHso5nG51xsVQQpb5yCF/5W6nWEq4%2B62Ltgt2oInY%3D",
     "se=2026-10-21T07%3A28%3A00Z&sp=r&sv=2023-11-03&sr=b&sig=b7iaYbETbiK5nV7INsY70KsNTY9bHgJF%2BoG0WPmRww8%3D",
     "se=2026-10-21T07%3A28%3A00Z&sp=r&spr=https&sv=2023-11-03&sr=b&skoid=11059fcc-5514-4800-b5f8-49808b9cfab6&sktid=ab1f708d-50f6-404c-a006-d71b2ac7a606&skt=2026-10-21T07%3A00%3A00Z&ske=2026-10-22T07%3A28%3A00Z&sks=b&skv=2023-11-03&sig=8BzURgzNCRoGftso/iTf0TBLrmWihxs9Y3bcX296E1M%3D",
     "SharedKey myaccount:7l9O3cU5NuSdEzWxKn2NBACrJFY9oDepJPF2qCR75aA=",
     "SharedKey myaccount:6bCMZGt+fVjRDHI9iRLluatVHfIA7SQVyH0uTDWgQVk=",
     "SharedKey myaccount:yAznMXAjNYOp9iIh/E9gUuYMhrMZM7OrWl4vsVv0tLc="},
    {"tab\011here",
     "https://myaccount.blob.core.windows.net/box/tab%09here",
     "se=2026-10-21T07%3A28%3A00Z&sp=r&spr=https&sv=2023-11-03&sr=b&sig=Ba4cKfWiydAYG10hdJP1GDZgKQFf6zDfFkbtqNVfX38%3D",
     "se=2026-10-21T07%3A28%3A00Z&sp=r&sv=2023-11-03&sr=b&sig=Swqq1W1VHaS46Ub4y5d0ScTsRlUVYmCnvNBlwjxqcbs%3D",
     "se=2026-10-21T07%3A28%3A00Z&sp=r&spr=https&sv=2023-11-03&sr=b&skoid=11059fcc-5514-4800-b5f8-49808b9cfab6&sktid=ab1f708d-50f6-404c-a006-d71b2ac7a606&skt=2026-10-21T07%3A00%3A00Z&ske=2026-10-22T07%3A28%3A00Z&sks=b&skv=2023-11-03&sig=EMT9yqRKmd3Vgglg/qw4NN9hPX/pTzSDcxg3Dx6c5WY%3D",
     "SharedKey myaccount:dS1fB7HNJ1ghdT5gs5ZTjX1uBTWbC1am6/MbS+6XhnI=",
     "SharedKey myaccount:pItCw/wr+2cbPDEjQ+mpZGWq86nEL+3nfYXQBzb/gjw=",
     "SharedKey myaccount:1qPEI4B4TXbYuSAiATPoB6kLqGbDbhsW69cBF+GPgFU="},
    {"<xml>&amp;",
     "https://myaccount.blob.core.windows.net/box/%3Cxml%3E%26amp%3B",
     "se=2026-10-21T07%3A28%3A00Z&sp=r&spr=https&sv=2023-11-03&sr=b&sig=PjNp5AavSJOTuvDruJs%2BFiX4LcbMjbDdcjyHjgjZvG0%3D",
     "se=2026-10-21T07%3A28%3A00Z&sp=r&sv=2023-11-03&sr=b&sig=OLe%2BNob68%2BQf5/DnTVR8SNroQBkDD8UCx7lLIh41ByU%3D",
     "se=2026-10-21T07%3A28%3A00Z&sp=r&spr=https&sv=2023-11-03&sr=b&skoid=11059fcc-5514-4800-b5f8-49808b9cfab6&sktid=ab1f708d-50f6-404c-a006-d71b2ac7a606&skt=2026-10-21T07%3A00%3A00Z&ske=2026-10-22T07%3A28%3A00Z&sks=b&skv=2023-11-03&sig=RYmohKlF5Qq9oIHJwqpiK/n3OCr3/FUP8fXnotHm%2BnY%3D",
     "SharedKey myaccount:rMshlDHo+GIiCrbSrFU/uDSOqH+gHMN8JUxePDCU5gI=",
     "SharedKey myaccount:T0kL/IngzE2l6RbT7s82I9yCm1u3vCq4pDJ6lriJJL8=",
     "SharedKey myaccount:77krojBL3/qstbKDY3BDv40TehYeQLXOGi8SLWZ64vI="},
}};
// clang-format on

}  // namespace tinybird_cdk::testing
