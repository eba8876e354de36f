// EXPECT_ERROR(code, words, statement): the statement throws vaerans::Error with this code, and its text holds `words`.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "vaerans/base/error.hpp"

#define EXPECT_ERROR(wanted, words, ...)                                                                           \
  try {                                                                                                            \
    __VA_ARGS__;                                                                                                   \
    ADD_FAILURE() << "no error was thrown";                                                                        \
  } catch (const vaerans::Error& error) {                                                                          \
    EXPECT_EQ(vaerans::error_name(error.code()), vaerans::error_name(vaerans::ErrorCode::wanted)) << error.what(); \
    EXPECT_NE(std::string(error.what()).find(words), std::string::npos) << error.what();                           \
  }
