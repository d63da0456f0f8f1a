package org.lens4j;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** One direction of imports, and the DJL calls that are forbidden. */
class LayersTest {
    private static final String ROOT = "org.lens4j";

    /** Each package's layer: it may use packages of lower layers only. A package below one named here shares its layer. */
    private static final Map<String, Integer> LAYERS = Map.ofEntries(
            Map.entry("error", 0),
            Map.entry("config", 1),
            Map.entry("tensor", 1),
            Map.entry("hook", 2),
            Map.entry("weights", 2),
            Map.entry("hub", 2),
            Map.entry("text", 2),
            Map.entry("cache", 3),
            Map.entry("family", 3),
            Map.entry("process", 3),
            Map.entry("model", 4),
            Map.entry("load", 5),
            Map.entry("analysis", 6),
            Map.entry("harvest", 6),
            Map.entry("bench", 8),
            Map.entry("generate", 7),
            Map.entry("train", 7),
            Map.entry("viz", 7),
            Map.entry("", 8));

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages(ROOT);

    /** The first segment after {@code org.lens4j}, or {@code ""}. */
    private static String area(JavaClass type) {
        String name = type.getPackageName();
        String rest = name.length() == ROOT.length() ? "" : name.substring(ROOT.length() + 1);
        int dot = rest.indexOf('.');
        return dot < 0 ? rest : rest.substring(0, dot);
    }

    private static boolean ours(JavaClass type) {
        String name = type.getPackageName();
        return name.equals(ROOT) || name.startsWith(ROOT + ".");
    }

    @Test
    void every_package_has_a_layer() {
        Set<String> areas = new TreeSet<>();
        CLASSES.forEach(type -> areas.add(area(type)));
        assertThat(LAYERS.keySet()).containsAll(areas);
    }

    @Test
    void packages_use_only_packages_of_lower_layers() {
        List<String> upward = new ArrayList<>();
        for (JavaClass type : CLASSES) {
            for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
                JavaClass target = dependency.getTargetClass();
                if (ours(target) && !area(target).equals(area(type))) {
                    int from = Objects.requireNonNull(LAYERS.get(area(type)));
                    int to = Objects.requireNonNull(LAYERS.get(area(target)));
                    if (to >= from) {
                        upward.add(type.getName() + " uses " + target.getName());
                    }
                }
            }
        }
        assertThat(upward).isEmpty();
    }

    @Test
    void pictures_know_no_model_and_nobody_else_knows_the_chart_libraries() {
        noClasses()
                .that()
                .resideInAPackage("org.lens4j.viz..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.lens4j.model..", "ai.djl..")
                .check(CLASSES);
        noClasses()
                .that()
                .resideOutsideOfPackage("org.lens4j.viz..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.knowm.xchart..", "tech.tablesaw..")
                .check(CLASSES);
    }

    /** DJL wraps the number in Java memory that is gone when autograd looks at it again. */
    @Test
    void no_operator_takes_a_java_number() {
        noClasses()
                .should()
                .callMethodWhere(describe(
                        "NDArray operator with a Number",
                        (JavaMethodCall call) -> call.getTargetOwner().isAssignableTo(NDArray.class)
                                && call.getTarget().getRawParameterTypes().stream()
                                        .anyMatch(it -> it.isEquivalentTo(Number.class))))
                .check(CLASSES);
    }

    /** Handing bfloat16 to DJL ends the JVM. */
    @Test
    void nobody_names_bfloat16_to_djl() {
        noClasses().should().accessField(DataType.class, "BFLOAT16").check(CLASSES);
    }
}
