// Kafka's kafka-consumer-groups, many calls in one virtual machine: Groups HOST:PORT. Each line of input is the arguments of a call, apart
// by tabulators; what the call prints, errors too, is followed by a line `= STATUS`.
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.ArrayList;
import java.util.List;

import org.apache.kafka.common.utils.Exit;
import org.apache.kafka.tools.consumer.group.ConsumerGroupCommand;

public final class Groups {
    private static final class Ended extends RuntimeException {
        final int status;

        Ended(int status) {
            super(null, null, false, false);
            this.status = status;
        }
    }

    public static void main(String[] args) throws Exception {
        Exit.setExitProcedure((status, message) -> {
            throw new Ended(status);
        });
        System.setErr(System.out);
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in));
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            List<String> call = new ArrayList<>(List.of("--bootstrap-server", args[0]));
            call.addAll(List.of(line.split("\t")));
            int status = 0;
            try {
                ConsumerGroupCommand.main(call.toArray(new String[0]));
            } catch (Ended ended) {
                status = ended.status;
            }
            System.out.println("= " + status);
            System.out.flush();
        }
    }
}
