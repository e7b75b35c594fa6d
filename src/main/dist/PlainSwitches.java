import java.io.IOException;
import java.io.OutputStream;
import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassElement;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.reflect.AccessFlag;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * Takes from a jar what the JVM would have to make code for at run time: a {@code switch} over types
 * is compiled to a call that is linked when it first runs, for which the JVM writes a class. The first
 * one costs PID 1 nine milliseconds and each later one half a millisecond, between the death of a
 * daemon and the next start as well. Here each gets the method that does the same, a row of
 * {@code instanceof}.
 *
 * <p>Usage: {@code java PlainSwitches.java JAR}. Prints how many there were.
 */
public final class PlainSwitches {
    private static final ClassDesc SWITCHES = ClassDesc.of("java.lang.runtime.SwitchBootstraps");
    private static final MethodTypeDesc SELECT = MethodTypeDesc.of(ConstantDescs.CD_int,
            ConstantDescs.CD_Object, ConstantDescs.CD_int);

    private final ClassFile classFile;
    private int replaced;

    private PlainSwitches(ClassLoader classes) {
        // what the code's stack looks like is worked out anew, for which supertypes have to be known
        classFile = ClassFile.of(ClassFile.ConstantPoolSharingOption.NEW_POOL,
                ClassFile.ClassHierarchyResolverOption.of(
                ClassHierarchyResolver.ofResourceParsing(classes)
                        .orElse(ClassHierarchyResolver.defaultResolver()).cached()));
    }

    public static void main(String[] arguments) throws IOException {
        Path jar = Path.of(arguments[0]);
        Path changed = Files.createTempFile(jar.toAbsolutePath().getParent(), "plain", ".jar");
        try (URLClassLoader classes = new URLClassLoader(new URL[] {jar.toUri().toURL()});
                ZipFile from = new ZipFile(jar.toFile());
                OutputStream to = Files.newOutputStream(changed);
                ZipOutputStream zip = new ZipOutputStream(to)) {
            PlainSwitches all = new PlainSwitches(classes);
            for (ZipEntry entry : from.stream().toList()) {
                byte[] content = from.getInputStream(entry).readAllBytes();
                ZipEntry copy = new ZipEntry(entry.getName());
                copy.setTime(entry.getTime());
                zip.putNextEntry(copy);
                zip.write(entry.getName().endsWith(".class") ? all.changed(content) : content);
                zip.closeEntry();
            }
            System.out.println(all.replaced + " switches over types");
        }
        Files.setPosixFilePermissions(changed, Files.getPosixFilePermissions(jar));
        Files.move(changed, jar, StandardCopyOption.REPLACE_EXISTING);
    }

    private byte[] changed(byte[] content) {
        ClassModel type = classFile.parse(content);
        Map<List<ClassDesc>, String> methods = new LinkedHashMap<>();
        byte[] result = classFile.transformClass(type, ClassTransform.transformingMethodBodies(
                (code, element) -> {
                    if (element instanceof InvokeDynamicInstruction call && isPlain(call)) {
                        String name = methods.computeIfAbsent(types(call),
                                _ -> "select$" + methods.size());
                        code.invokestatic(type.thisClass().asSymbol(), name, SELECT,
                                type.flags().has(AccessFlag.INTERFACE));
                        replaced++;
                    } else {
                        code.with(element);
                    }
                }).andThen(adding(methods)));
        return methods.isEmpty() ? content : result;
    }

    /** Whether it chooses by types alone, not by constants among them. */
    private static boolean isPlain(InvokeDynamicInstruction call) {
        return call.bootstrapMethod().owner().equals(SWITCHES)
                && call.bootstrapMethod().methodName().equals("typeSwitch")
                && call.bootstrapArgs().stream().allMatch(ClassDesc.class::isInstance);
    }

    private static List<ClassDesc> types(InvokeDynamicInstruction call) {
        return call.bootstrapArgs().stream().map(ClassDesc.class::cast).toList();
    }

    private static ClassTransform adding(Map<List<ClassDesc>, String> methods) {
        return new ClassTransform() {
            @Override
            public void accept(ClassBuilder type, ClassElement element) {
                type.with(element);
            }

            @Override
            public void atEnd(ClassBuilder type) {
                methods.forEach((labels, name) -> type.withMethodBody(name, SELECT,
                        ClassFile.ACC_PRIVATE | ClassFile.ACC_STATIC | ClassFile.ACC_SYNTHETIC,
                        code -> select(code, labels)));
            }
        };
    }

    /**
     * {@code int select(Object target, int from)}: the first of the types, from the given one on, that
     * the target is of; their number if it is of none, -1 if it is null.
     */
    private static void select(CodeBuilder code, List<ClassDesc> labels) {
        Label present = code.newLabel();
        code.aload(0).ifnonnull(present).iconst_m1().ireturn().labelBinding(present);
        for (int i = 0; i < labels.size(); i++) {
            Label next = code.newLabel();
            code.iload(1).loadConstant(i).if_icmpgt(next)
                    .aload(0).instanceOf(labels.get(i)).ifeq(next)
                    .loadConstant(i).ireturn().labelBinding(next);
        }
        code.loadConstant(labels.size()).ireturn();
    }
}
