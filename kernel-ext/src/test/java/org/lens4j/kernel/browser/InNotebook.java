package org.lens4j.kernel.browser;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** Tests that run where the distribution's Jupyter Notebook and Chromium are. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@EnabledIfSystemProperty(
        named = "lens.browser",
        matches = ".+",
        disabledReason = "It needs Chromium, Jupyter Notebook and the installed kernel; .ci/run has them and runs it.")
@interface InNotebook {}
