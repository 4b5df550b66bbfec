import software.amazon.awscdk.services.lambda.Runtime;
class Stack {
    String name = Runtime.GO_1_X.name();
    Object f = Function.Builder.create(this, "f").runtime(Runtime.PROVIDED_AL2).build();
}
