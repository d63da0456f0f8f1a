package org.lens4j.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.Set;
import org.lens4j.error.Advice;
import org.lens4j.error.Explained;
import org.lens4j.error.UnknownNameException;
import org.lens4j.kernel.client.KernelDied;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Turns whatever goes wrong into one readable block and an exit code. */
final class Mistakes {
    private Mistakes() {}

    /** Words that picocli cannot make sense of. */
    static int inWords(ParameterException mistake, String[] words) {
        CommandLine verb = mistake.getCommandLine();
        PrintWriter err = verb.getErr();
        err.println(message(mistake, verb));
        err.println(usage(verb));
        return Main.WRONG;
    }

    private static String message(ParameterException mistake, CommandLine verb) {
        if (mistake instanceof UnmatchedArgumentException unmatched
                && !unmatched.getUnmatched().isEmpty()) {
            String word = unmatched.getUnmatched().get(0);
            if (word.startsWith("-")) {
                return unknown(
                        "option", word, verb, verb.getCommandSpec().optionsMap().keySet());
            }
            if (!verb.getSubcommands().isEmpty()) {
                return unknown("verb", word, verb, verb.getSubcommands().keySet());
            }
            return "%s has no use for \"%s\".".formatted(verb.getCommandSpec().qualifiedName(), word);
        }
        return sentence(String.valueOf(mistake.getMessage()));
    }

    private static String unknown(String kind, String word, CommandLine verb, Set<String> valid) {
        String name = verb.getCommandSpec().qualifiedName();
        String advice = "%s --help lists them all.".formatted(name);
        return String.valueOf(
                UnknownNameException.of(kind, word, name, valid, advice).getMessage());
    }

    /** The synopsis alone: the options are a {@code --help} away. */
    private static String usage(CommandLine verb) {
        String synopsis = verb.getHelp().synopsis(0).strip();
        return "Usage: %s".formatted(synopsis);
    }

    private static String sentence(String said) {
        String message = said.replaceFirst("^Error: ", "");
        return message.endsWith(".") || message.contains("\n") || message.contains(". ") ? message : message + ".";
    }

    /** What a verb throws while it works. */
    static int whileRunning(Exception e, CommandLine verb, ParseResult words) {
        PrintWriter err = verb.getErr();
        if (e instanceof Explained || e instanceof KernelDied) {
            err.println(Advice.onCommandLine(String.valueOf(e.getMessage())));
            return e instanceof IllegalArgumentException ? Main.WRONG : Main.FAILED;
        }
        if (e instanceof IOException) {
            err.println(e);
            return Main.FAILED;
        }
        err.println("lens ran into something it has no words for. Please report it, with what follows:");
        e.printStackTrace(err);
        return Main.FAILED;
    }
}
